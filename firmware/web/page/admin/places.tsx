/** Every place of the configuration: its value, who said so, and what the others said. */
import { useState } from 'preact/hooks';
import type { ShownPlace } from '#provisioning/editing.ts';
import { visible } from '../text.ts';
import { Field } from './field.tsx';

export function Places({ places }: { readonly places: readonly ShownPlace[] }) {
  const [filter, setFilter] = useState('');
  const [all, setAll] = useState(false);
  const wanted = places.filter(
    ({ at, said }) => at.toLowerCase().includes(filter.toLowerCase()) && (all || said.some(isStated)),
  );
  return (
    <section class="panel" aria-labelledby="places">
      <h3 id="places">In force</h3>
      <Field label="Find a key" value={filter} onChange={setFilter} search />
      <label class="check">
        <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> Also what nobody has said: the
        defaults
      </label>
      <ul class="rows places">
        {wanted.map((place) => (
          <li key={place.at}>
            <code>{place.at}</code> <Value of={place.value} />
            {place.said.map(({ origin, from, value }, rank) => (
              <small key={`${origin} ${from} ${rank}`}>
                {rank > 0 && `instead of ${value === null ? 'nothing' : shown(value)} `}from {visible(from)} (
                {origin})
              </small>
            ))}
          </li>
        ))}
      </ul>
      {wanted.length === 0 && <p class="none">Nothing.</p>}
    </section>
  );
}

/** A list of mappings, such as the accounts, has a line for each. */
function Value({ of }: { readonly of: unknown }) {
  if (!Array.isArray(of) || !of.some((each) => typeof each === 'object')) return <b>{shown(of)}</b>;
  return (
    <>
      {of.map((each, index) => (
        <code class="value" key={`${index} ${shown(each)}`}>
          {shown(each)}
        </code>
      ))}
    </>
  );
}

const isStated = ({ origin }: ShownPlace['said'][number]): boolean => origin !== 'factory';

function shown(value: unknown): string {
  return value === undefined ? 'none' : visible(JSON.stringify(value));
}
