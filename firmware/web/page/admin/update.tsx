/** Which version of the system runs, and what became of the last update. */
import type { UpdateStatus } from '#phone/types.ts';
import { visible } from '../text.ts';
import { Fact, Facts } from './facts.tsx';

export function UpdatePanel({ update }: { readonly update: UpdateStatus }) {
  const { slot, version, state, other, fell, available, refused, present, development } = update;
  const runs = `${version} in slot ${slot}${state === 'trial' ? ', on trial' : ''}`;
  return (
    <section class="panel" aria-labelledby="update">
      <h3 id="update">Update</h3>
      <Facts>
        <Fact name="System">{visible(runs)}</Fact>
        <Fact name="Other slot">
          {visible(`${other.version ?? 'as on the card'}${other.good ? '' : ', not known to be good'}`)}
        </Fact>
        {available !== undefined && <Fact name="Newer version">{visible(available)}</Fact>}
        {stateOf(update) !== undefined && <Fact name="Now">{stateOf(update)}</Fact>}
        {fell !== null && <Fact name="Rolled back">slot {fell} was given up after three starts</Fact>}
        {present !== undefined && <Fact name="Runs already">{visible(present)}</Fact>}
        {refused !== undefined && <Fact name="Not taken">{visible(refused)}</Fact>}
        {development && <Fact name="Key">a development key: anybody who built with it may sign updates</Fact>}
      </Facts>
    </section>
  );
}

function stateOf({ installing, waiting }: UpdateStatus): string | undefined {
  if (installing !== undefined) return `installing: ${installing} %`;
  return waiting === undefined ? undefined : WAITS[waiting];
}

const WAITS: Readonly<Record<NonNullable<UpdateStatus['waiting']>, string>> = {
  trial: 'waits until the system that runs is found good',
  installation: 'waits until nobody uses the telephone',
  restart: 'installed: starts anew when nobody uses the telephone',
};
