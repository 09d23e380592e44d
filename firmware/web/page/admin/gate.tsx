/** The door: claiming a telephone that has no owner, and coming in to one that has. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { visible } from '../text.ts';
import { claim, login, showPin } from './actions.ts';
import { Alarm, Field } from './field.tsx';
import { Refused } from './interface.ts';
import { type Gate, useAdmin } from './state.ts';

export function Door({ gate }: { readonly gate: Gate }) {
  return (
    <main class="door" aria-labelledby="door">
      {gate.claimed ? <Login gate={gate} /> : <Claim gate={gate} />}
      {gate.fingerprint !== undefined && <Fingerprint of={gate.fingerprint} claimed={gate.claimed} />}
    </main>
  );
}

function Claim({ gate }: { readonly gate: Gate }) {
  const [pin, setPin] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState<string | undefined>(undefined);
  const attempt = useAttempt(gate.wait);
  const show = () => attempt.run(async () => setShown(inWords(await showPin())));
  useEffect(() => void show(), []);
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt.run(() => claim(pin, password));
      }}
    >
      <h2 id="door">Make this phone yours</h2>
      <UserName />
      <p role="status">
        {shown === undefined ? 'The phone is asked for a PIN.' : `The phone shows a PIN now, for ${shown}.`}{' '}
        On a PC it stands in the terminal in which the phone was started, and on the display of the handset’s
        page.
      </p>
      <Field
        label="PIN"
        value={pin}
        onChange={setPin}
        autoComplete="one-time-code"
        inputMode="numeric"
        required
      />
      <NewPassword
        value={password}
        onChange={setPassword}
        least={gate.leastLength}
        label="A password of your own"
      />
      <Trouble {...attempt} />
      <div class="buttons">
        <button type="submit" class="go" disabled={attempt.busy}>
          Claim the phone
        </button>
        <button type="button" class="small" onClick={show}>
          Show the PIN
        </button>
      </div>
    </form>
  );
}

function Login({ gate }: { readonly gate: Gate }) {
  const [password, setPassword] = useState('');
  const attempt = useAttempt(gate.wait);
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt.run(() => login(password));
      }}
    >
      <h2 id="door">Log in</h2>
      <UserName />
      <Field
        label="The owner's password"
        value={password}
        onChange={setPassword}
        type="password"
        autoComplete="current-password"
        required
      />
      <Trouble {...attempt} />
      <div class="buttons">
        <button type="submit" class="go" disabled={attempt.busy}>
          Log in
        </button>
      </div>
      <p class="hint">
        Forgotten? A factory reset at the phone itself, or the removal of <code>admin/owner</code> from its
        data directory, lets it be claimed anew.
      </p>
    </form>
  );
}

/** There is one owner; password managers want a name to keep the password under. */
export function UserName() {
  return <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />;
}

interface NewPasswordProps {
  readonly label: string;
  readonly value: string;
  readonly least: number;
  readonly onChange: (value: string) => void;
}

/** Typed once and to be looked at, rather than twice in the dark. */
export function NewPassword({ label, value, least, onChange }: NewPasswordProps) {
  const [visible, show] = useState(false);
  return (
    <>
      <Field
        {...{ label, value, onChange }}
        type={visible ? 'text' : 'password'}
        autoComplete="new-password"
        hint={`At least ${least} characters; a few words do.`}
        required
      />
      <label class="check">
        <input type="checkbox" checked={visible} onChange={() => show(!visible)} /> Show the password
      </label>
    </>
  );
}

function Fingerprint({ of, claimed }: { readonly of: string; readonly claimed: boolean }) {
  return (
    <details class="panel fingerprint" open={!claimed}>
      <summary>Is this really your phone?</summary>
      <p>
        Nobody vouches for the phone's certificate but the phone. Beside the PIN it shows the beginning of
        this fingerprint, and your browser shows all of it among the details of the certificate (SHA-256):
      </p>
      <code>{of}</code>
    </details>
  );
}

/** One try at a time, with what came of it, and the wait that the telephone asks for. */
function useAttempt(firstWait: number) {
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useState(firstWait);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  const alive = useRef(true);
  useEffect(
    () => () => {
      alive.current = false;
    },
    [],
  );
  const run = async (deed: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await deed();
    } catch (error) {
      if (error instanceof Refused && error.wait > 0) setWait(error.wait);
      if (alive.current) setTrouble(error instanceof Error ? error.message : String(error));
    }
    if (alive.current) setBusy(false);
  };
  return { run, busy: busy || wait > 0, trouble, wait };
}

function Trouble({ trouble, wait }: { readonly trouble: string | undefined; readonly wait: number }) {
  return (
    <>
      {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
      {wait > 0 && <p class="hint">The next try is possible in {inWords(wait)}.</p>}
    </>
  );
}

function inWords(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}

/** The present door, while nobody is in. */
export function useGate(): Gate | null {
  return useAdmin((state) => state.gate);
}
