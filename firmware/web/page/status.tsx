/** Accounts, addresses and calls, in short. */
import type { AccountStatus, CallStatus, Status } from '#phone/types.ts';
import { useStore } from './store.ts';
import { visible } from './text.ts';

const FAMILIES = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

export function StatusPanel() {
  const status = useStore((state) => state.status);
  if (status === null) return null;
  const calls = status.calls.toReversed().slice(0, 6);
  return (
    <section class="panel status" aria-label="Status">
      <div class="strip">
        <Accounts accounts={status.accounts} />
        <Addresses network={status.network} />
      </div>
      <h2>Calls</h2>
      {calls.length === 0 ? (
        <p class="none">
          No call yet. *41# is an echo test, *42# a test tone, *43# your own number, *44# the network.
        </p>
      ) : (
        <ul class="calls">
          {calls.map((call) => (
            <Call key={call.id} call={call} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Accounts({ accounts }: { readonly accounts: readonly AccountStatus[] }) {
  return (
    <div>
      <h2>Accounts</h2>
      {accounts.length === 0 && <p class="none">None: direct calls only.</p>}
      <ul>
        {accounts.map((account) => (
          <li key={account.aor}>
            <span class="dot" data-state={account.state} />
            <bdi>{visible(account.aor)}</bdi>
            <small>
              {account.state}
              {account.family && ` · ${FAMILIES[account.family]}`}
              {account.encapsulated && ` over ${account.encapsulated}`}
              {account.transport && ` · ${account.transport.toUpperCase()}`}
              {account.error !== null && ` · ${visible(account.error)}`}
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Addresses({ network }: { readonly network: Status['network'] }) {
  const { sixbed4 } = network;
  const addresses = [...network.ipv6, ...network.ipv4];
  return (
    <div>
      <h2>Addresses</h2>
      {addresses.length === 0 && <p class="none">No network.</p>}
      <ul>
        {addresses.map((address) => (
          <li key={address}>
            <code>{address}</code>
          </li>
        ))}
        {sixbed4.address !== null && (
          <li>
            <code>{sixbed4.address}</code>
          </li>
        )}
      </ul>
      <p class="none">
        6bed4 {sixbed4.state}: {sixbed4.note}
        {sixbed4.address !== null && ` · ${sixbed4.direct} packets direct, ${sixbed4.relayed} relayed`}
      </p>
    </div>
  );
}

function Call({ call }: { readonly call: CallStatus }) {
  const { media, signalling } = call;
  return (
    <li class="call" data-state={call.state}>
      <span class="way" aria-hidden="true">
        {call.direction === 'in' ? '↙' : '↗'}
      </span>
      <bdi class="peer" title={visible(call.peer)}>
        {visible(call.name ?? call.peer)}
      </bdi>
      <span class="state">{call.cause === undefined ? call.state : visible(call.cause)}</span>
      <small class="facts">
        {call.direction === 'in' ? 'incoming' : 'outgoing'}
        {call.name !== undefined && (
          <>
            {' · '}
            <bdi>{visible(call.peer)}</bdi>
          </>
        )}
        {signalling && ` · SIP ${FAMILIES[signalling.family]} ${signalling.transport.toUpperCase()}`}
        {media &&
          ` · ${media.codec} ${FAMILIES[media.family]} · ${media.sent} sent, ${media.received} received, ${media.lost} lost · jitter ${media.jitterMs.toFixed(1)} ms`}
      </small>
    </li>
  );
}
