import test from 'ava';
import { MOST_REFS, MOST_REMOTES, REMEMBERED_MS, SentRefs } from '#engine/sent_refs.ts';

test('a ref is told once, for its own end, and for as long as a transaction waits', (t) => {
  const refs = new SentRefs();
  refs.sent('fc64::1', 5060, 'old', 0);
  refs.sent('fc64::1', 5060, 'a', 1);
  refs.sent('fc64::1', 5061, 'b', 1);
  t.deepEqual(refs.take('fc64::1', 5060, 1 + REMEMBERED_MS), ['a']);
  t.deepEqual(refs.take('fc64::1', 5060, 2), []);
  t.deepEqual(refs.take('fc64::1', 5061, 2), ['b']);
});

test('the newest are remembered, of each end and of all', (t) => {
  const refs = new SentRefs();
  for (let n = 0; n <= MOST_REFS; n++) refs.sent('fc64::1', 5060, `${n}`, 0);
  const kept = refs.take('fc64::1', 5060, 0);
  t.is(kept.length, MOST_REFS);
  t.is(kept[0], '1');
  for (let n = 0; n <= MOST_REMOTES; n++) refs.sent('fc64::1', n, 'a', 0);
  t.deepEqual(refs.take('fc64::1', 0, 0), []);
  t.deepEqual(refs.take('fc64::1', 1, 0), ['a']);
});
