/** What the log says of neighbours, and how much of it they can fill. */
import test from 'ava';
import { NeighbourLog } from '#agent/neighbour_log.ts';
import type { Neighbour } from '#neighbours/types.ts';

const HALL: Neighbour = {
  ...{ key: 'hall', extension: '205', name: 'Hall', uri: 'sip:205@hall.local', host: 'hall.local' },
  ...{ port: 5060, transport: 'udp', addresses: ['fe80::2%eth0', '10.0.0.2'], trust: 'open' },
  ...{ admitted: [], fresh: true },
};
const CHANGED: Neighbour = { ...HALL, trust: 'changed' };

function stand() {
  const lines: string[] = [];
  return { lines, log: new NeighbourLog((level, text) => lines.push(`${level} ${text}`)) };
}

test('who is met is told once, with all addresses; who has another key, with a warning', (t) => {
  const { lines, log } = stand();
  log.tell([HALL], [HALL], 0);
  log.tell([HALL], [CHANGED, { ...CHANGED, key: 'gone', name: 'Gone', fresh: false }], 1);
  t.deepEqual(lines, [
    'info neighbour 205 Hall at fe80::2%eth0 10.0.0.2',
    'warn 205 Hall shows another key than before: it can neither ring nor be called until it is accepted on the settings page',
  ]);
});

test('who has another key is for the display as often as for the log', (t) => {
  const { log } = stand();
  t.deepEqual(log.tell([HALL], [HALL], 0), []);
  t.deepEqual(log.tell([], [HALL, CHANGED], 1), [CHANGED]);
  t.deepEqual(log.tell([], [HALL, CHANGED], 2), []);
});

test('our number is told once, whichever agent has it, until it is another', (t) => {
  const [store, lines] = [{}, [] as string[]];
  for (const extension of ['204', '204', '205', '205', '204'])
    new NeighbourLog((_, text) => lines.push(text)).reachedAs(extension, store);
  t.deepEqual(
    lines.map((line) => line.slice(-3)),
    ['204', '205', '204'],
  );
});

test('what goes on is told again after an hour, however the clock jumps', (t) => {
  const { lines, log } = stand();
  for (const now of [0, 10, 3_599_999]) log.tell([], [CHANGED], now);
  t.is(lines.length, 1);
  for (const now of [3_600_000, 3_600_001, 9e12, 9e12]) log.tell([], [CHANGED], now);
  t.is(lines.length, 3);
});

test('a flood of names ends in a line that says so', (t) => {
  const { lines, log } = stand();
  for (let n = 0; n < 10_000; n++) log.tell([{ ...HALL, name: `Hall ${n}` }], [CHANGED], n);
  t.is(lines.length, 65);
  t.is(lines.at(-1), 'warn more than 64 news of neighbours in an hour: the others are not told');
});
