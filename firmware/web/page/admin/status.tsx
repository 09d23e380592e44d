/** How the telephone is. */
import { visible } from '../text.ts';
import { AccountState } from './account_state.tsx';
import { duration, Fact, Facts } from './facts.tsx';
import { useAdmin } from './state.ts';
import { UpdatePanel } from './update.tsx';

/** Of the data directory; undefined: nothing to say. */
const MEMORY = {
  ok: undefined,
  full: 'full: what changes is forgotten at the next start; make room in the data directory',
  volatile: 'the card keeps nothing: all is forgotten when the phone is switched off; look at the card',
} as const;

export function StatusSection() {
  const status = useAdmin((state) => state.status);
  const warnings = useAdmin((state) => state.config?.warnings ?? NONE);
  if (status === null) return <p>Waiting for the phone …</p>;
  const { accounts, calls, hardware, dropped, update } = status;
  const open = calls.filter(({ state }) => state !== 'ended').length;
  const broken = hardware.filter(({ state }) => state === 'failed');
  const memory = MEMORY[status.storage?.state ?? 'ok'];
  const ignored = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <section class="panel">
        <Facts>
          <Fact name="Extension">{visible(status.extension)}</Fact>
          <Fact name="Version">{visible(status.version)}</Fact>
          <Fact name="Running for">{duration(status.uptime)}</Fact>
          <Fact name="Calls now">{open}</Fact>
          <Fact name="Hardware">
            {broken.length === 0
              ? 'in order'
              : `failed: ${broken.map(({ part }) => visible(part)).join(', ')}`}
          </Fact>
          <Fact name="Ignored requests">{ignored}</Fact>
          {memory && <Fact name="Memory">{memory}</Fact>}
        </Facts>
      </section>
      <section class="panel" aria-labelledby="accounts-now">
        <h3 id="accounts-now">Accounts</h3>
        {accounts.length === 0 ? (
          <p class="none">None: direct calls only.</p>
        ) : (
          <ul class="rows">
            {accounts.map((account) => (
              <li key={account.aor}>
                <AccountState account={account} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {update !== undefined && <UpdatePanel update={update} />}
      {warnings.length > 0 && (
        <section class="panel" aria-labelledby="warnings">
          <h3 id="warnings">The configuration</h3>
          <ul class="rows">
            {warnings.map((warning) => (
              <li key={warning}>{visible(warning)}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const NONE: readonly string[] = [];
