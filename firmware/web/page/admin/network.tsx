/** Addresses of both families, what helps where one is missing, and which family serves which destination. */
import { visible } from '../text.ts';
import { Fact, Facts } from './facts.tsx';
import { useAdmin } from './state.ts';

export function NetworkSection() {
  const network = useAdmin((state) => state.status?.network);
  if (network === undefined) return <p>Waiting for the phone …</p>;
  const { ipv4, ipv6, native6, teredoSeen, sixbed4, preference } = network;
  return (
    <>
      <section class="panel" aria-labelledby="families">
        <h3 id="families">Families</h3>
        <Facts>
          <Fact name="IPv6">
            <Addresses of={ipv6} />
          </Fact>
          <Fact name="Native IPv6">{native6 ? 'yes' : 'no'}</Fact>
          <Fact name="IPv4">
            <Addresses of={ipv4} />
          </Fact>
          <Fact name="Teredo">{teredoSeen ? 'seen, and never used' : 'not seen'}</Fact>
        </Facts>
      </section>
      <section class="panel" aria-labelledby="sixbed4">
        <h3 id="sixbed4">6bed4</h3>
        <Facts>
          <Fact name="State">
            {sixbed4.state}: {visible(sixbed4.note)}
          </Fact>
          {sixbed4.address !== null && (
            <Fact name="Address">
              <code>{sixbed4.address}</code>
            </Fact>
          )}
          {sixbed4.router !== null && (
            <Fact name="Router">
              <code>{sixbed4.router}</code>
            </Fact>
          )}
          <Fact name="Packets">
            {sixbed4.direct} direct, {sixbed4.relayed} relayed
          </Fact>
        </Facts>
      </section>
      <section class="panel" aria-labelledby="preference">
        <h3 id="preference">Which family first</h3>
        <p class="hint">
          Where a destination has both, learnt from who answered: from −20, surely IPv4, by 0, both at once,
          to 20, surely IPv6. A new one starts at 5.
        </p>
        {preference.length === 0 ? (
          <p class="none">Nothing has been learnt yet.</p>
        ) : (
          <ul class="rows">
            {preference.map(({ destination, p, failing }) => (
              <li key={destination}>
                <code>{visible(destination)}</code> <b>{favourite(p)}</b>
                {failing.length > 0 && (
                  <small>IPv{failing.join(' and IPv')} does not answer at present</small>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

/** `IPv6 (9)`. */
function favourite(p: number): string {
  const rounded = Math.round(p);
  const first = rounded > 0 ? 'IPv6' : rounded < 0 ? 'IPv4' : 'both at once';
  return `${first} (${String(rounded).replace('-', '−')})`;
}

function Addresses({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return <>none</>;
  return (
    <ul>
      {of.map((address) => (
        <li key={address}>
          <code>{address}</code>
        </li>
      ))}
    </ul>
  );
}
