/** A server that was believed because it was the first, and gave something that does not work. */
import test from 'ava';
import type { Candidate } from '#provisioning/types.ts';
import { A, B, candidate, content, KEY, stand } from './fetching_stand.ts';

/** Configured by the first of two servers, at first use. */
function first(found: Candidate = candidate(A)) {
  const it = stand();
  it.servers.set(A, content({ version: '1' }));
  it.servers.set(B, content({ version: '1' }, { shown: { ...KEY, keys: ['sha256/b'] } }));
  it.find(found, candidate(B, 'pnp'));
  it.clock.run(1_000);
  return it;
}

const GIVEN_UP = { kind: 'given-up', host: 'a.example' } as const;

test('what it gave is given up: it is pinned no more, and the next one is asked', (t) => {
  const { clock, give, urls, machine, standing } = first();
  t.true(standing()?.provisional);
  give(GIVEN_UP);
  t.is(machine.pin, undefined);
  clock.run(2_000);
  t.deepEqual(urls(), [A, B]);
  t.is(machine.pin?.host, 'b.example');
});

test('it is asked again within the hour, for what it has may be mended', (t) => {
  const { clock, give, find, asked, machine } = first();
  find(candidate(A));
  give(GIVEN_UP);
  clock.run(1_500_000);
  t.is(asked.length, 1);
  clock.run(500_000);
  t.is(asked.length, 2);
  t.is(asked[1]?.question.validators, undefined);
  t.is(machine.pin?.host, 'a.example');
});

test('whoever wanted to be the server while it was pinned may be it without a key pressed', (t) => {
  const { clock, give, find, servers, machine } = first();
  const late = 'https://late.example/x.json';
  servers.set(late, content());
  find(candidate(A), candidate(late, 'pnp'));
  t.is(machine.changes.length, 1);
  give(GIVEN_UP);
  t.deepEqual(machine.changes, []);
  clock.run(2_000);
  t.is(machine.pin?.host, 'late.example');
});

test('whom a person chose stays pinned: by a file on the card, or by a key pressed', (t) => {
  const card = first(candidate(A, 'drop file'));
  card.give(GIVEN_UP);
  t.is(card.machine.pin?.host, 'a.example');
  const pressed = first();
  pressed.find(candidate(A), candidate('https://late.example/x.json', 'pnp'));
  pressed.servers.set('https://late.example/x.json', content());
  pressed.give({ kind: 'approve', host: 'late.example' });
  pressed.clock.run(5_000);
  pressed.give({ kind: 'given-up', host: 'late.example' });
  t.is(pressed.machine.pin?.host, 'late.example');
});

test('to whom such a server leads is no better known than it is', (t) => {
  const it = stand();
  it.servers.set(A, content({ version: '1', provisioning: { moveTo: B } }));
  it.servers.set(B, content({ version: '1' }, { shown: { ...KEY, keys: ['sha256/b'] } }));
  it.find(candidate(A));
  it.clock.run(5_000);
  t.is(it.machine.pin?.host, 'b.example');
  t.true(it.standing()?.provisional);
});

test('what another server gave is none of its business', (t) => {
  const { give, machine } = first();
  give({ kind: 'given-up', host: 'b.example' });
  t.is(machine.pin?.host, 'a.example');
});
