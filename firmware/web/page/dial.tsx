/** Dialling by name: numbers and SIP addresses that no keypad can type. */
import { useState } from 'preact/hooks';
import { dial, hangUp } from './actions.ts';
import { useStore } from './store.ts';
import { visible } from './text.ts';

export function DialForm() {
  const [number, setNumber] = useState('');
  const refusal = useStore((state) => state.refusal);
  const busy = useStore((state) => state.status?.calls.some((call) => call.state !== 'ended') ?? false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (number.trim() === '') return;
    dial(number.trim());
    setNumber('');
  };
  return (
    <form class="dial" onSubmit={submit}>
      <input
        aria-label="Number or SIP address"
        placeholder="Number or sip:name@host"
        maxLength={256}
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        enterKeyHint="go"
        value={number}
        onInput={(event) => setNumber(event.currentTarget.value)}
      />
      <button type="submit" class="go">
        Call
      </button>
      {busy && (
        <button type="button" class="end" onClick={hangUp}>
          End
        </button>
      )}
      {refusal !== null && <p role="alert">{visible(refusal)}</p>}
    </form>
  );
}
