import test from 'ava';
import fc from 'fast-check';
import { KeyMatrix, type KeyMatrixEvent, type KeyMatrixInput } from '#hal/parts/key_matrix.ts';
import {
  among,
  between,
  bounced,
  type Edge,
  play,
  type Random,
  type Timed,
  valuesOf,
} from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

const TRACES = 10_000;
const ROWS = 4;
const COLUMNS = 4;

interface Key {
  readonly row: number;
  readonly column: number;
}

interface Pressed {
  readonly key: Key;
  readonly edges: readonly Edge[];
}

/** What the columns of each row show: a current also finds its way through other keys that are down. */
function conducted(down: readonly Key[]): number[] {
  const rows = Array.from({ length: ROWS }, (_, row) =>
    down.filter((key) => key.row === row).reduce((word, { column }) => word | (1 << column), 0),
  );
  if (down.length < 3) return rows;
  for (let again = true; again; ) {
    again = false;
    for (const [a, word] of rows.entries())
      for (const [b, other] of rows.entries())
        if ((word & other) !== 0 && (word | other) !== (rows[a] ?? 0)) {
          rows[a] = word | other;
          rows[b] = word | other;
          again = true;
        }
  }
  return rows;
}

/** A scan every `every` ms sees what the contacts are at that moment. */
function scans(pressed: readonly Pressed[], every: number, until: number): Timed<KeyMatrixInput>[] {
  const passed = pressed.map(() => 0);
  const closed = pressed.map(() => false);
  const seen: Timed<KeyMatrixInput>[] = [];
  for (let at = 0; at < until; at += every) {
    for (const [index, { edges }] of pressed.entries()) {
      let next = passed[index] ?? 0;
      for (let edge = edges[next]; edge && edge.at <= at; edge = edges[++next]) closed[index] = edge.closed;
      passed[index] = next;
    }
    const down = pressed.flatMap(({ key }, index) => (closed[index] ? [key] : []));
    seen.push({ at, value: { kind: 'scan', rows: conducted(down) } });
  }
  return seen;
}

function press(random: Random, key: Key, at: number, length: number): Pressed {
  const movements = [
    { at, closed: true },
    { at: at + length, closed: false },
  ];
  return { key, edges: bounced(random, movements) };
}

const event = ({ row, column }: Key, down: boolean): KeyMatrixEvent => ({ kind: 'key', row, column, down });
const anyKey = (random: Random): Key => ({
  row: among(random, 0, ROWS - 1),
  column: among(random, 0, COLUMNS - 1),
});

test('ten thousand bouncing numbers on a keypad: every key once down and once up', (t) => {
  const random = seededRandom(50);
  for (let trace = 0; trace < TRACES; trace++) {
    const pressed: Pressed[] = [];
    let at = 10;
    for (let times = 0; times < 4; times++) {
      const length = between(random, 45, 200);
      pressed.push(press(random, anyKey(random), at, length));
      at += length + between(random, 45, 200);
    }
    const machine = new KeyMatrix({ rows: ROWS, columns: COLUMNS });
    const events = play(machine, scans(pressed, between(random, 2, 6), at + 100), at + 200);
    t.deepEqual(
      valuesOf(events),
      pressed.flatMap(({ key }) => [event(key, true), event(key, false)]),
      `trace ${trace}`,
    );
    t.true(machine.idle);
  }
});

test('two keys at a time, rolled from one to the next, are both seen', (t) => {
  const random = seededRandom(51);
  for (let trace = 0; trace < 2000; trace++) {
    const first = anyKey(random);
    const second = { row: (first.row + among(random, 1, 3)) % ROWS, column: among(random, 0, 3) };
    const pressed = [press(random, first, 10, 150), press(random, second, 100, 150)];
    const machine = new KeyMatrix({ rows: ROWS, columns: COLUMNS });
    t.deepEqual(valuesOf(play(machine, scans(pressed, 5, 500), 600)), [
      event(first, true),
      event(second, true),
      event(first, false),
      event(second, false),
    ]);
  }
});

test('the fourth corner of a rectangle is never a key, and the third one waits', (t) => {
  const random = seededRandom(52);
  const [a, b, c] = [
    { row: 0, column: 0 },
    { row: 0, column: 2 },
    { row: 3, column: 0 },
  ];
  for (let trace = 0; trace < 2000; trace++) {
    const pressed = [press(random, a, 10, 500), press(random, b, 100, 200), press(random, c, 200, 400)];
    const machine = new KeyMatrix({ rows: ROWS, columns: COLUMNS });
    t.deepEqual(valuesOf(play(machine, scans(pressed, 5, 900), 1000)), [
      event(a, true),
      event(b, true),
      event(b, false),
      event(c, true),
      event(a, false),
      event(c, false),
    ]);
  }
});

test('with diodes every key of a rectangle speaks for itself', (t) => {
  const machine = new KeyMatrix({ rows: 2, columns: 2, diodes: true });
  const events = play(machine, [{ at: 0, value: { kind: 'scan', rows: [0b11, 0b11] } }], 100);
  t.is(events.length, 4);
});

test('any number of keys that form no rectangle may be held', (t) => {
  const machine = new KeyMatrix({ rows: 4, columns: 4 });
  const diagonal = [0b0001, 0b0010, 0b0100, 0b1000];
  const row = [0b1111, 0, 0, 0];
  t.is(play(machine, [{ at: 0, value: { kind: 'scan', rows: diagonal } }], 100).length, 4);
  t.false(machine.idle);
  t.is(play(machine, [{ at: 200, value: { kind: 'scan', rows: row } }], 300).length, 3 + 3);
});

test('a bus that reads all ones presses nothing', (t) => {
  const machine = new KeyMatrix({ rows: 4, columns: 4 });
  const events = play(machine, [{ at: 0, value: { kind: 'scan', rows: [-1, -1, -1, -1] } }], 10_000);
  t.deepEqual(events, []);
  t.true(machine.idle);
});

test('a scan that was missed is made good by the next one', (t) => {
  const machine = new KeyMatrix({ rows: 1, columns: 1 });
  const scan = (at: number, word: number) => ({ at, value: { kind: 'scan', rows: [word] } as const });
  const events = play(machine, [scan(0, 0), scan(1000, 1), scan(2000, 1), scan(3000, 0)], 4000);
  t.deepEqual(
    events.map(({ at, value }) => [at, value.down]),
    [
      [1020, true],
      [3020, false],
    ],
  );
});

test('no key goes down that no scan showed, whatever the scans show', (t) => {
  const scan = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(scan, { maxLength: 40 }), (words) => {
      const machine = new KeyMatrix({ rows: 4, columns: 4 });
      const given = words.map((rows, index) => ({
        at: index * 13,
        value: { kind: 'scan', rows } as const,
      }));
      const down = new Set<string>();
      return valuesOf(play(machine, given, 10_000)).every(({ row, column, down: goes }) => {
        const key = `${row} ${column}`;
        if (down.has(key) === goes) return false;
        if (goes) down.add(key);
        else down.delete(key);
        return !goes || words.some((rows) => ((rows[row] ?? 0) & (1 << column)) !== 0);
      });
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
