/** The owner's password, and the way to be rid of the owner. */
import { useState } from 'preact/hooks';
import { visible } from '../text.ts';
import { changePassword, tell } from './actions.ts';
import { Fact, Facts } from './facts.tsx';
import { Alarm, Field } from './field.tsx';
import { NewPassword, UserName } from './gate.tsx';
import { FactoryReset } from './reset.tsx';
import { useAdmin } from './state.ts';

export function OwnerSection() {
  const gate = useAdmin((state) => state.gate);
  const [before, setBefore] = useState('');
  const [password, setPassword] = useState('');
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const change = async () => {
    setTrouble(undefined);
    try {
      await changePassword(before, password);
      setBefore('');
      setPassword('');
      tell('The password is changed; whoever else was logged in is out.');
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <form
        class="panel"
        aria-labelledby="password"
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <h3 id="password">Another password</h3>
        <UserName />
        <Field
          label="The present password"
          value={before}
          onChange={setBefore}
          type="password"
          autoComplete="current-password"
          required
        />
        <NewPassword
          label="The new password"
          value={password}
          onChange={setPassword}
          least={gate?.leastLength ?? 0}
        />
        {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
        <div class="buttons">
          <button type="submit" class="go">
            Change the password
          </button>
        </div>
      </form>
      {gate?.fingerprint !== undefined && (
        <section class="panel" aria-labelledby="certificate">
          <h3 id="certificate">Certificate of this page</h3>
          <Facts>
            <Fact name="SHA-256">
              <code>{gate.fingerprint}</code>
            </Fact>
          </Facts>
        </section>
      )}
      <FactoryReset />
    </>
  );
}
