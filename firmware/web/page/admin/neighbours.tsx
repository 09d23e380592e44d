/** Telephones on the LAN that can be dialled without a server. */
import { visible } from '../text.ts';
import { moment } from './facts.tsx';
import { useAdmin } from './state.ts';

export function NeighboursSection() {
  const neighbours = useAdmin((state) => state.neighbours);
  return (
    <section class="panel">
      {neighbours.length === 0 && <p class="none">No other telephone has shown itself on this network.</p>}
      <ul class="rows">
        {neighbours.map(({ name, extension, addresses, trust, heard }) => (
          <li key={`${extension} ${addresses[0]?.text}`}>
            <span class="extension">{visible(extension)}</span> <bdi>{visible(name)}</bdi>
            <small>
              {visible(trust)} · heard {moment(heard)}
            </small>
            {addresses.map(({ text }) => (
              <small key={text}>
                <code>{visible(text)}</code>
              </small>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
