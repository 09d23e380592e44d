import test from 'ava';
import { countersJson, countersText, newCounters } from '#router6bed4/counters.ts';

test('people are told what happened and not what did not', (t) => {
  const counters = newCounters();
  t.is(countersText(counters, 0.5), 'up 0 s: nothing received');
  counters.received = 12;
  counters.relayed = 10;
  counters.dropped.malformed = 2;
  t.is(countersText(counters, 61.9), 'up 61 s: 12 received, 10 relayed; dropped: 2 malformed');
});

test('programs are told everything, in one line', (t) => {
  const counters = newCounters();
  const line = countersJson(counters, 1.5);
  t.false(line.includes('\n'));
  t.deepEqual(JSON.parse(line), { uptime: 1, ...counters });
});
