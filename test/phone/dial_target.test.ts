import test from 'ava';
import fc from 'fast-check';
import { dialTarget } from '#phone/dial_target.ts';
import { parseUri } from '#sip/message/uri.ts';

const ALICE = {
  caller: { id: 'a', aor: 'alice@example.test' },
  ofDomain: (domain: string) =>
    domain === 'second.test' ? { id: 'b', aor: 'alice@second.test' } : undefined,
};
const NOBODY = { caller: undefined, ofDomain: () => undefined };

const CALLS: readonly (readonly [dialled: string, uri: string, byAccount: boolean])[] = [
  ['123', 'sip:123@example.test', true],
  ['+31 20 123-45.67', 'sip:+31201234567@example.test', true],
  ['*72', 'sip:*72@example.test', true],
  ['#31#', 'sip:%2331%23@example.test', true],
  ['bob', 'sip:bob@example.test', true],
  ['tel:+31-20-1234567', 'sip:+31201234567@example.test;user=phone', true],
  ['sip:bob@example.org', 'sip:bob@example.org', false],
  ['SIPS:bob@example.org', 'SIPS:bob@example.org', false],
  ['sip:bob@[2001:db8::1]:5070;transport=tcp', 'sip:bob@[2001:db8::1]:5070;transport=tcp', false],
  ['bob@[2001:db8::1]', 'sip:bob@[2001:db8::1]', false],
  ['bob@example.org', 'sip:bob@example.org', false],
  ['bob@phone:5070', 'sip:bob@phone:5070', false],
  ['[2001:db8::1]', 'sip:[2001:db8::1]', false],
  ['2001:db8::1', 'sip:[2001:db8::1]', false],
  ['fe80::1%eth0', 'sip:[fe80::1%eth0]', false],
  ['192.0.2.7', 'sip:192.0.2.7', false],
  ['192.0.2.7:5070', 'sip:192.0.2.7:5070', false],
  ['phone.example.org', 'sip:phone.example.org', false],
  ['*47192*0*2*7', 'sip:192.0.2.7', false],
  ['*47192*0*2*7#', 'sip:192.0.2.7', false],
  ['*47192*0*2*7*5070', 'sip:192.0.2.7:5070', false],
];

for (const [dialled, uri, byAccount] of CALLS) {
  test(`${dialled} calls ${uri}`, (t) => {
    t.deepEqual(dialTarget(dialled, ALICE), { kind: 'call', uri, ...(byAccount && { account: 'a' }) });
  });
}

for (const dialled of ['*47192*0*2', '*47192*0*2*256', '*471*2*3*4*0', '*471*2*3*4*5*6', '*47']) {
  test(`${dialled} is no address`, (t) => {
    t.is(dialTarget(dialled, ALICE).kind, 'wrong');
  });
}

for (const dialled of [
  '',
  '  ',
  'bob smith',
  'bob@',
  '@host',
  'bob@[::zz]',
  'sip:',
  'tel:xyz',
  'x'.repeat(2000),
]) {
  test(`"${dialled.slice(0, 20)}" calls nobody and says why`, (t) => {
    const target = dialTarget(dialled, ALICE);
    t.is(target.kind, 'wrong');
    t.true(target.kind === 'wrong' && target.reason.length > 10);
  });
}

test("an address of an account's own domain is called by that account, whichever calls numbers", (t) => {
  t.like(dialTarget('sip:bob@second.test;transport=tcp', ALICE), { account: 'b' });
  t.like(dialTarget('bob@SECOND.test', ALICE), { account: 'b' });
});

test('without an account numbers have no line, addresses have', (t) => {
  t.like(dialTarget('123', NOBODY), { kind: 'wrong', why: 'no-line' });
  t.like(dialTarget('tel:+31201234567', NOBODY), { kind: 'wrong', why: 'no-line' });
  t.is(dialTarget('bob@example.org', NOBODY).kind, 'call');
  t.is(dialTarget('*41', NOBODY).kind, 'service');
  // As README and habit have it: a number that # ends.
  t.is(dialTarget('*41#', NOBODY).kind, 'service');
});

test('whatever is typed, what is called is a URI without line breaks', (t) => {
  const typed = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'sip:@[]%.*#+;?<>" \r\n0123abc'), maxLength: 40 }),
  );
  fc.assert(
    fc.property(typed, (dialled) => {
      const target = dialTarget(dialled, ALICE);
      return target.kind !== 'call' || (parseUri(target.uri) !== undefined && !/[\s<>"]/.test(target.uri));
    }),
    { numRuns: 5000 },
  );
  t.pass();
});
