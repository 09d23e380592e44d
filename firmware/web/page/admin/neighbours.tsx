/** Telephones on the LAN that can be dialled without a server. */
import { useState } from 'preact/hooks';
import type { NeighbourStatus } from '../../admin/types.ts';
import { visible } from '../text.ts';
import { acceptNeighbour, tell } from './actions.ts';
import { Alarm } from './field.tsx';
import { useAdmin } from './state.ts';

export function NeighboursSection() {
  const neighbours = useAdmin((state) => state.neighbours);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const accept = async ({ key, name, changed }: NeighbourStatus) => {
    setTrouble(undefined);
    try {
      await acceptNeighbour(key, changed?.fp);
      tell(`${visible(name)} is believed its new key.`);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section class="panel">
      {neighbours.length === 0 && <p class="none">No other telephone has shown itself on this network.</p>}
      <ul class="rows">
        {neighbours.map((neighbour) => (
          <Neighbour key={neighbour.key} neighbour={neighbour} accept={accept} />
        ))}
      </ul>
      {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
    </section>
  );
}

interface NeighbourProps {
  readonly neighbour: NeighbourStatus;
  readonly accept: (neighbour: NeighbourStatus) => Promise<void>;
}

function Neighbour({ neighbour, accept }: NeighbourProps) {
  const { name, extension, addresses, trust, fresh, changed } = neighbour;
  return (
    <li>
      <span class="extension">{visible(extension)}</span> <bdi>{visible(name)}</bdi>
      <small>
        {visible(trust)}
        {!fresh && ' · not heard lately'}
      </small>
      {addresses.map(({ text }) => (
        <small key={text}>
          <code>{visible(text)}</code>
        </small>
      ))}
      {changed !== undefined && (
        <>
          {changed.fp === undefined ? (
            <small>It shows no key any more.</small>
          ) : (
            <small>
              Its key now: <code>{visible(changed.fp)}</code>
            </small>
          )}
          <small>Accept it only if you know why, such as a telephone that was reset.</small>
          <div class="buttons">
            <button type="button" class="small" onClick={() => void accept(neighbour)}>
              Accept the new key of {visible(name)}
            </button>
          </div>
        </>
      )}
    </li>
  );
}
