/** What RAUC says of the slots, in the JSON of busctl. */
import test from 'ava';
import fc from 'fast-check';
import { readSlots } from '#update/slots.ts';
import { mutations } from '../support/mutate.ts';
import { slotStatus } from './slot_status.ts';

const HASH = '0a'.repeat(32);
const STATE = 'seq=5\norder=a b\na_left=3\nb_left=3\n';

test('the slot that was booted runs, and the other one is the way back', (t) => {
  const reply = slotStatus({ booted: 'a', good: { a: true, b: true }, versions: { b: '1.2.0' } });
  t.deepEqual(readSlots(reply, STATE), { slot: 'a', state: 'good', other: { version: '1.2.0', good: true } });
});

test('of the slot that runs the hash of its bundle is known, where it came by one', (t) => {
  const [ours, other] = [HASH, '0b'.repeat(32)];
  const said = { booted: 'b', good: { a: true, b: true }, versions: { a: '1.1.0', b: '1.2.0' } } as const;
  const hashOf = (hashes: { readonly a?: string; readonly b?: string }): string | undefined =>
    readSlots(slotStatus({ ...said, hashes }), STATE)?.hash;
  t.is(hashOf({ a: other, b: ours }), ours);
  t.is(hashOf({ a: other }), undefined, 'it came with the card');
  t.is(hashOf({ b: 'none' }), undefined);
});

test('a slot that was not found good is on trial, and the one that was given up is named', (t) => {
  const reply = slotStatus({ booted: 'b', good: { a: false, b: false }, versions: {} });
  const expected = { slot: 'b', state: 'trial', other: { good: false }, fell: 'a' } as const;
  t.deepEqual(readSlots(reply, `${STATE}fell=a\n`), expected);
});

test('without a slot that was booted there is nothing to say', (t) => {
  t.is(readSlots(slotStatus({ good: { a: true, b: true }, versions: {} }), STATE), undefined);
  for (const reply of [undefined, null, 5, 'x', {}, { data: 5 }, { data: [[['rootfs.0']]] }])
    t.is(readSlots(reply, STATE), undefined);
});

test('whatever JSON comes, and however it is damaged, nothing is thrown', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (reply, state) => {
      readSlots({ data: [reply] }, state);
    }),
  );
  const seeds = [
    slotStatus({
      booted: 'a',
      good: { a: true, b: true },
      versions: { a: '1', b: '2' },
      hashes: { a: HASH },
    }),
  ].map((reply) => Buffer.from(JSON.stringify(reply)));
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 3)) {
    let reply: unknown;
    try {
      reply = JSON.parse(Buffer.from(octets).toString());
    } catch {
      continue;
    }
    const slots = readSlots(reply, STATE);
    read += 1;
    if (slots !== undefined && !['a', 'b'].includes(slots.slot)) t.fail(JSON.stringify(slots));
    if (!/^[0-9a-f]{64}$/.test(slots?.hash ?? HASH)) t.fail(JSON.stringify(slots));
  }
  t.true(read > 1000);
});
