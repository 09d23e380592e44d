/** The parts of the board, and a trial of them. */
import { useState } from 'preact/hooks';
import type { SelftestResult } from '../../admin/types.ts';
import { visible } from '../text.ts';
import { runSelftest } from './actions.ts';
import { Alarm } from './field.tsx';
import { useAdmin } from './state.ts';

export function SelftestSection() {
  const hardware = useAdmin((state) => state.status?.hardware ?? NONE);
  const [result, setResult] = useState<SelftestResult | undefined>(undefined);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setTrouble(undefined);
    setResult(undefined);
    try {
      setResult(await runSelftest());
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <>
      <section class="panel" aria-labelledby="parts">
        <h3 id="parts">Parts</h3>
        {hardware.length === 0 && <p class="none">This phone has no parts to tell of.</p>}
        <ul class="rows">
          {hardware.map(({ part, state, driver, note }) => (
            <li key={part}>
              <span class="dot" data-state={DOTS[state]} />
              <b>{visible(part)}</b> {state}
              <small>
                {visible(driver)}
                {note !== '' && ` · ${visible(note)}`}
              </small>
            </li>
          ))}
        </ul>
      </section>
      <section class="panel" aria-labelledby="trial">
        <h3 id="trial">Self-test</h3>
        <p class="hint">
          Lights every lamp and fills the display, rings for a second, plays a tone for a second, and asks
          every part how it is. It takes four seconds; who lifts the handset ends it. To try keys and hook
          too, end the phone and start <code>dualtone selftest</code> in a terminal.
        </p>
        <div class="buttons">
          <button type="button" class="go" disabled={busy} onClick={() => void run()}>
            Run the self-test
          </button>
        </div>
        <div role="status">
          {busy && <p>Testing: look and listen at the phone …</p>}
          {result !== undefined && (
            <p class={result.failures.length === 0 ? 'well' : 'fault'}>
              {result.failures.length === 0
                ? 'All is well.'
                : `Failed: ${result.failures.map(visible).join('; ')}`}
            </p>
          )}
        </div>
        {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
        {result !== undefined && result.lines.length > 0 && (
          <pre class="said">{visible(result.lines.join('\n'))}</pre>
        )}
      </section>
    </>
  );
}

const NONE: readonly never[] = [];
const DOTS = { ok: 'registered', absent: 'off', failed: 'failed' } as const;
