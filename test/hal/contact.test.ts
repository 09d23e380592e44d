import test from 'ava';
import { Contact } from '#hal/parts/contact.ts';
import { between, bounced, type Edge, knock, levels, looks, play, valuesOf } from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

const TRACES = 10_000;

/** A contact that is open, then goes to and fro, `least` ms and more on each side. */
function toAndFro(random: () => number, count: number, least: number): Edge[] {
  const movements: Edge[] = [{ at: 0, closed: false }];
  let at = 0;
  for (let index = 0; index < count; index++) {
    at += between(random, least, 300);
    movements.push({ at, closed: index % 2 === 0 });
  }
  return movements;
}

test('ten thousand bouncing contacts move as often as they were moved, and at the first edge', (t) => {
  const random = seededRandom(1);
  for (let trace = 0; trace < TRACES; trace++) {
    const movements = toAndFro(random, 4, 40);
    const events = play(new Contact(), levels(bounced(random, movements)), 5000);
    t.deepEqual(
      valuesOf(events).map(({ closed, since }) => ({ closed, at: since })),
      movements,
      `trace ${trace}`,
    );
  }
});

test('knocks of up to 15 ms are no movements', (t) => {
  const random = seededRandom(2);
  for (let trace = 0; trace < TRACES; trace++) {
    const rest = trace % 2 === 0;
    const edges = [{ at: 0, closed: rest }, ...knock(random, 100, rest), ...knock(random, 200, rest)];
    t.deepEqual(valuesOf(play(new Contact(), levels(edges), 1000)), [{ closed: rest, since: 0 }]);
  }
});

test('a level is believed 20 ms after the last edge, and is nothing before', (t) => {
  const contact = new Contact();
  t.is(contact.closed, undefined);
  t.is(contact.deadline, Number.POSITIVE_INFINITY);
  const events = play(
    contact,
    levels([
      { at: 0, closed: true },
      { at: 5, closed: false },
      { at: 9, closed: true },
    ]),
    100,
  );
  t.deepEqual(events, [{ at: 29, value: { closed: true, since: 0 } }]);
  t.true(contact.closed);
  t.is(contact.movingSince, undefined);
});

test('an edge on the deadline is bounce, one after it finds the contact at rest', (t) => {
  const level = (closed: boolean) => ({ kind: 'level', closed }) as const;
  const bouncing = new Contact();
  bouncing.handle(level(true), 0);
  t.deepEqual(bouncing.handle(level(false), 20), []);
  t.is(bouncing.movingSince, 0);
  const resting = new Contact();
  resting.handle(level(true), 0);
  t.deepEqual(resting.handle(level(false), 20.001), [{ closed: true, since: 0 }]);
  t.is(resting.movingSince, 20.001);
});

test('whatever edges are lost, the next look heals', (t) => {
  const random = seededRandom(3);
  for (let trace = 0; trace < 2000; trace++) {
    const edges = bounced(random, toAndFro(random, 7, 30));
    const until = 4000;
    const kept = edges.filter(() => random() < 0.5);
    const contact = new Contact();
    const events = play(contact, levels([...kept, ...looks(edges, 1000, until, false)]), until + 100);
    t.is(contact.closed, edges.at(-1)?.closed);
    for (const [index, { closed }] of valuesOf(events).entries())
      t.is(closed, index % 2 === (valuesOf(events)[0]?.closed ? 0 : 1), 'no side is told twice');
  }
});

test('looks that see nothing new neither hasten nor delay', (t) => {
  const contact = new Contact();
  const seen = Array.from({ length: 40 }, (_, at) => ({ at, closed: true }));
  t.deepEqual(play(contact, levels(seen), 100), [{ at: 20, value: { closed: true, since: 0 } }]);
});
