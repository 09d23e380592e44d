/** Over what a neighbour is called: TLS where both speak it and its key is known, and then nothing else. */
import test from 'ava';
import { proofOf, serverNameAt, wayTo } from '#agent/neighbour_way.ts';
import type { Neighbour } from '#neighbours/types.ts';
import { nameOfFingerprint } from '#net/tls.ts';

const FP = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
const HALL: Neighbour = {
  ...{ key: 'hall', extension: '205', name: 'Hall', uri: 'sip:205@hall.local', host: 'hall.local' },
  ...{ port: 5070, transport: 'udp', addresses: ['2001:db8::2', '10.0.0.2'], trust: 'open' },
  ...{ admitted: [], fresh: true },
};
const PINNED: Neighbour = { ...HALL, trust: 'pinned', fp: FP, tls: 5071 };
const HOP = { secure: false };

/** `transport port`, and `proved` where it has to prove its key. */
function way(...wish: Parameters<typeof wayTo>): string {
  const found = wayTo(...wish);
  if (found === undefined) return 'none';
  const { transport, ends, serverName } = found;
  return [transport, ends[0]?.port, serverName === nameOfFingerprint(FP) ? 'proved' : ''].join(' ').trim();
}

for (const [what, neighbour, hop, speaksTls, expected] of [
  ['one that shows no key', HALL, HOP, true, 'udp 5070'],
  [
    'one that shows no key, over TCP as the URI wants it',
    HALL,
    { ...HOP, transport: 'tcp' },
    true,
    'tcp 5070',
  ],
  ['one that shows no key, by sips', HALL, { ...HOP, secure: true }, true, 'none'],
  ['one whose key is known', PINNED, HOP, true, 'tls 5071 proved'],
  ['one whose key is known, by sips', PINNED, { ...HOP, secure: true }, true, 'tls 5071 proved'],
  [
    'one whose key is known, over UDP as the URI wants it',
    PINNED,
    { ...HOP, transport: 'udp' },
    true,
    'tls 5071 proved',
  ],
  [
    'one whose key is known and whose port is not',
    { ...HALL, trust: 'pinned', fp: FP },
    HOP,
    true,
    'tls 5061 proved',
  ],
  ['one whose key is known, without TLS of ours', PINNED, HOP, false, 'udp 5070'],
  ['one whose key is known, by sips without TLS of ours', PINNED, { ...HOP, secure: true }, false, 'none'],
] as const) {
  test(`${what}: ${expected}`, (t) => {
    t.is(way(neighbour, hop, speaksTls), expected);
  });
}

test('a key that is another than before proves nothing', (t) => {
  t.is(proofOf({ ...PINNED, trust: 'changed' }), undefined);
});

test('all addresses are tried, IPv6 first', (t) => {
  t.deepEqual(
    wayTo(PINNED, HOP, true)?.ends.map(({ family, address }) => [family, address]),
    [
      [6, '2001:db8::2'],
      [4, '10.0.0.2'],
    ],
  );
});

const END = { family: 4, address: '10.0.0.2', port: 5071 } as const;
const NEAR: Neighbour = { ...PINNED, admitted: ['10.0.0.2'] };

test('who is called back by the address of its Contact proves its key', (t) => {
  t.is(serverNameAt(END, '10.0.0.2', [HALL, NEAR], []), nameOfFingerprint(FP));
});

for (const [what, end, name, neighbours, accounts] of [
  ['a server that was looked up by its name', END, 'pbx.test', [NEAR], []],
  ['the server of an account', END, '10.0.0.2', [NEAR], [{ domain: '10.0.0.2' }]],
  [
    'the proxy of an account',
    END,
    '10.0.0.2',
    [NEAR],
    [{ domain: 'x', outboundProxy: 'sips:10.0.0.2:5071' }],
  ],
  ['another port', { ...END, port: 5061 }, '10.0.0.2', [NEAR], []],
  ['an address that is not on the link', END, '10.0.0.2', [PINNED], []],
  ['one that shows another key', END, '10.0.0.2', [{ ...NEAR, trust: 'changed' as const }], []],
] as const) {
  test(`no neighbour can vouch for ${what}`, (t) => {
    t.is(serverNameAt(end, name, neighbours, accounts), name);
  });
}
