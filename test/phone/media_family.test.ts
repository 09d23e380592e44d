/**
 * Which family a description names: the answer that of the offer, the offer that of the signalling. Peers that were
 * measured differ: linphone answers in the family of the signalling, pjsua offers IPv4 over IPv6, both accept Teredo.
 */
import test from 'ava';
import type { Network, OwnAddress } from '#address/network.ts';
import { mediaAddress } from '#phone/local_media.ts';
import type { Flow } from '#sip/types.ts';
import { Desk, FLOW, FLOW6 } from '../support/desk.ts';

const TEREDO = '2001:0:53aa:64c::2';

function offer(connection: string): string {
  const lines = ['v=0', `o=- 1 1 IN ${connection}`, 's=-', `c=IN ${connection}`, 't=0 0'];
  return `${[...lines, 'm=audio 40000 RTP/AVP 8'].join('\r\n')}\r\n`;
}

/** What becomes of an INVITE over `flow` that brings `remote`: the family of our `c=`, or the status. */
function answerTo(flow: Flow, remote: string | undefined, have = {}): string {
  const desk = new Desk();
  desk.give({ kind: 'addresses', addresses: { ipv4: ['192.0.2.10'], ipv6: ['2001:db8::10'], ...have } });
  const ends = { from: { name: '', uri: 'sip:bob@example.test' }, to: { name: '', uri: 'sip:a@b' } };
  const invite = { kind: 'incoming', call: 'in-1', ...ends, flow } as const;
  desk.sip(remote === undefined ? invite : { ...invite, offer: remote });
  const [refused] = desk.commands('reject');
  if (refused) return `${refused.status}`;
  desk.lift();
  const ask = { kind: 'describe', call: 'in-1', flow } as const;
  desk.sip(remote === undefined ? ask : { ...ask, remote });
  const sdp = desk.commands('described')[0]?.sdp ?? '';
  const families = new Set([...sdp.matchAll(/IP[46]/g)].map(([family]) => family));
  return [...families].join(' and ');
}

const SIP_OVER = { IPv4: FLOW, IPv6: FLOW6 } as const;

for (const [over, remote, answer] of [
  ['IPv4', 'IP4 192.0.2.1', 'IP4'],
  ['IPv4', 'IP6 2001:db8::1', 'IP6'],
  ['IPv6', 'IP6 2001:db8::1', 'IP6'],
  ['IPv6', 'IP4 192.0.2.1', 'IP4'],
  ['IPv6', undefined, 'IP6'],
  ['IPv4', undefined, 'IP4'],
  ['IPv4', 'IP4 dual.example.test', '488'],
  ['IPv4', `IP6 ${TEREDO}`, '488'],
  ['IPv6', `IP6 ${TEREDO}`, '488'],
] as const) {
  test(`SIP over ${over} with ${remote ?? 'no offer'} gets ${answer}`, (t) => {
    t.is(answerTo(SIP_OVER[over], remote === undefined ? undefined : offer(remote)), answer);
  });
}

test('an offer of a family that we do not have gets 488', (t) => {
  t.is(answerTo(FLOW, offer('IP6 2001:db8::1'), { ipv6: [] }), '488');
  t.is(answerTo(FLOW6, offer('IP4 192.0.2.1'), { ipv4: [] }), '488');
});

const own = (address: string, prefixLength = 64): OwnAddress => ({
  address,
  prefixLength,
  interface: 'eth0',
});

function networkOf(...addresses: readonly OwnAddress[]): Network {
  return { addresses, defaultRoute: { 4: true, 6: true } };
}

test('an offer of IPv6 from the wide world cannot be answered from a unique local address', (t) => {
  const have = {
    ipv6: ['fd00::10'],
    network: networkOf(own('192.0.2.10', 24), own('fd00::10')),
  };
  t.is(answerTo(FLOW, offer('IP6 2d00::1'), have), '488');
  t.is(answerTo(FLOW, offer('IP6 fd00:9::1'), have), 'IP6');
});

test('media leaves from where the signalling does, if its address is still there and serves', (t) => {
  const addresses = {
    ipv4: [],
    ipv6: ['2d00:1::10', 'fd00::10'],
    network: networkOf(own('2d00:1::10'), own('fd00::10'), own('fe80::10')),
  };
  const from = (address: string, remote = 'fd00::1'): Flow => ({
    ...FLOW6,
    local: { ...FLOW6.local, address },
    remote: { ...FLOW6.remote, address: remote },
  });
  const cases: readonly (readonly [local: string, peer: string | undefined, ours: string | undefined])[] = [
    ['2d00:1::10', undefined, '2d00:1::10'],
    ['fd00::10', undefined, 'fd00::10'],
    ['fd00::10', 'fd00:5::9', 'fd00::10'],
    ['fd00::10', '2d00:5::9', '2d00:1::10'],
    ['2d00:1::10', 'fd00:5::9', '2d00:1::10'],
    ['2d00:1::99', '2d00:5::9', '2d00:1::10'],
    ['fe80::10%eth0', 'fe80::9', 'fe80::10%eth0'],
    ['2d00:1::10', 'fe80::9', 'fe80::10%eth0'],
    ['2d00:1::10', '::', '2d00:1::10'],
  ];
  for (const [local, peer, ours] of cases)
    t.is(mediaAddress(6, from(local), addresses, peer), ours, `${local} for ${peer}`);
  const translated = { ...addresses, ipv6: ['fd00::10'], network: networkOf(own('fd00::10')) };
  t.is(mediaAddress(6, from('fd00::10', '2d00:9::1'), translated, '2d00:5::9'), 'fd00::10');
});

test('an own Teredo address is never described', (t) => {
  const flow: Flow = { ...FLOW6, local: { ...FLOW6.local, address: TEREDO } };
  const network = networkOf(own(TEREDO, 32));
  t.is(mediaAddress(6, flow, { ipv4: [], ipv6: [], network }), undefined);
  t.is(mediaAddress(6, flow, { ipv4: [], ipv6: [], network }, '2d00::1'), undefined);
  t.is(mediaAddress(6, flow, { ipv4: [], ipv6: ['2d00:1::1'], network }), '2d00:1::1');
});
