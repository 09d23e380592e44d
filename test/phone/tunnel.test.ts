/** The telephone with addresses of the tunnel: what it answers with, and when a call leaves the tunnel. */
import test from 'ava';
import type { Network, OwnAddress } from '#address/network.ts';
import { TUNNEL } from '#address/sixbed4.ts';
import { mediaAddress } from '#phone/local_media.ts';
import { COLUMNS } from '#phone/screen_text.ts';
import { lineOf, noteOf, type Sixbed4Reason } from '#phone/sixbed4.ts';
import type { LocalAddresses } from '#phone/types.ts';
import type { Flow } from '#sip/types.ts';
import { Desk, FLOW, peerOffer } from '../support/desk.ts';

const FC64 = 'fc64:bed:c000:201:c433:6401:f4e2:8001';
const FC64_PEER = 'fc64:bed:c000:299:c833:6401:f4e2:8001';
const ROUTED = '2a0e:6bed:4:0:c433:6401:f4e2:8001';
const ROUTED_PEER = '2a0e:6bed:4:0:c833:6401:f4e2:8001';
const NATIVE = '2a02:898::2';
const WORLD = '2606:4700::1';

const own = (address: string, more: Partial<OwnAddress> = {}): OwnAddress => ({
  address,
  prefixLength: address.includes(':') ? 64 : 24,
  interface: 'eth0',
  ...more,
});
const inside = (address: string, more: Partial<OwnAddress> = {}) =>
  own(address, { interface: TUNNEL, encapsulated: '6bed4', ...more });

function having(route6: boolean, ...addresses: readonly OwnAddress[]): LocalAddresses {
  const network: Network = {
    addresses: [own('192.0.2.10'), ...addresses],
    defaultRoute: { 4: true, 6: route6 },
  };
  const ipv6 = addresses.filter(({ deprecated }) => deprecated !== true).map(({ address }) => address);
  return { ipv4: ['192.0.2.10'], ipv6, network };
}

const over = (local: string, remote: string): Flow => ({
  transport: 'udp',
  local: { family: 6, address: local, port: 5060 },
  remote: { family: 6, address: remote, port: 5060 },
});

const BOTH = having(true, own(NATIVE), inside(ROUTED), inside(FC64));
const TUNNEL_ONLY = having(false, inside(ROUTED));
const FC64_ONLY = having(false, inside(FC64));
/** Native IPv6 that nobody answers over: its route counts for nothing. */
const SILENT = having(false, own(NATIVE), inside(ROUTED));

/** What we have, how the signalling goes, the peer's media, our address for it. */
const MEDIA: readonly (readonly [string, LocalAddresses, Flow, string | undefined, string | undefined])[] = [
  ['native, to native media', BOTH, over(NATIVE, WORLD), WORLD, NATIVE],
  ['native, to 6bed4 under our /64', BOTH, over(NATIVE, WORLD), ROUTED_PEER, ROUTED],
  ['native, to 6bed4 of another router', BOTH, over(NATIVE, WORLD), FC64_PEER, FC64],
  ['6bed4, to 6bed4', BOTH, over(ROUTED, ROUTED_PEER), ROUTED_PEER, ROUTED],
  ['6bed4, to native media', BOTH, over(ROUTED, ROUTED_PEER), WORLD, NATIVE],
  ['6bed4, to an unknown end', BOTH, over(ROUTED, ROUTED_PEER), undefined, ROUTED],
  ['IPv4, to 6bed4', FC64_ONLY, FLOW, FC64_PEER, FC64],
  ['IPv4, to native media, by a router that has IPv6', TUNNEL_ONLY, FLOW, WORLD, ROUTED],
  ['IPv4, to native media, by a router that has none', FC64_ONLY, FLOW, WORLD, undefined],
  ['6bed4, to native media, without native IPv6', TUNNEL_ONLY, over(ROUTED, WORLD), WORLD, ROUTED],
  ['6bed4, to native media, while IPv6 is silent', SILENT, over(ROUTED, WORLD), WORLD, ROUTED],
  ['IPv4, to native media, while IPv6 is silent', SILENT, FLOW, WORLD, ROUTED],
];

for (const [what, addresses, flow, peer, expected] of MEDIA) {
  test(`signalling over ${what}: our sound is at ${expected ?? 'no address'}`, (t) => {
    t.is(mediaAddress(6, flow, addresses, peer), expected);
  });
}

/** A call answered over the tunnel. */
class Call extends Desk {
  constructor(flow: Flow, addresses = TUNNEL_ONLY) {
    super();
    this.give({ kind: 'addresses', addresses });
    this.incoming('in-1', 'Bob', flow);
    this.lift();
    this.sip({ kind: 'describe', call: 'in-1', flow, remote: peerOffer() });
    this.sip({ kind: 'established', call: 'in-1', flow });
    this.forget();
  }

  get reinvites(): number {
    return this.commands('reinvite').length;
  }
}

const HANDED_OVER = having(true, own(NATIVE), inside(ROUTED, { deprecated: true }));

test('a call leaves the tunnel when native IPv6 has come', (t) => {
  const call = new Call(over(ROUTED, WORLD));
  t.true(call.phone.uses([ROUTED]));
  call.give({ kind: 'addresses', addresses: HANDED_OVER });
  t.deepEqual(call.commands('reinvite'), [{ kind: 'reinvite', call: 'in-1', anew: true }]);
  t.is(call.phone.calls().at(-1)?.state, 'talking', 'nothing is broken');
  const flow = over(NATIVE, WORLD);
  call.sip({ kind: 'describe', call: 'in-1', flow });
  call.sip({ kind: 'answer', call: 'in-1', sdp: call.peerAnswer(), early: false });
  call.sip({ kind: 'established', call: 'in-1', flow });
  t.regex(call.commands('described').at(-1)?.sdp ?? '', new RegExp(`c=IN IP6 ${NATIVE}`));
  t.false(call.phone.uses([ROUTED]));
  t.is(call.reinvites, 1);
});

test('a call that cannot do without the tunnel is asked once and stays', (t) => {
  const call = new Call(over(ROUTED, ROUTED_PEER));
  call.give({ kind: 'addresses', addresses: HANDED_OVER });
  const flow = over(ROUTED, ROUTED_PEER);
  call.sip({ kind: 'describe', call: 'in-1', flow });
  call.sip({ kind: 'answer', call: 'in-1', sdp: call.peerAnswer(), early: false });
  call.sip({ kind: 'established', call: 'in-1', flow });
  call.give({ kind: 'addresses', addresses: { ...HANDED_OVER, ipv4: ['192.0.2.10', '192.0.2.11'] } });
  t.is(call.reinvites, 1);
  t.true(call.phone.uses([ROUTED]));
  call.putDown();
  t.false(call.phone.uses([ROUTED]));
});

const ROUTER_LOST = having(false, inside(ROUTED, { deprecated: true }));

test('a call whose router is lost stays where it is, and is asked when it falls silent', (t) => {
  const call = new Call(over(ROUTED, ROUTED_PEER));
  call.give({ kind: 'addresses', addresses: ROUTER_LOST });
  t.is(call.reinvites, 0);
  t.is(call.phone.calls().at(-1)?.state, 'talking');
  call.give({ kind: 'media', event: { kind: 'media-silent', session: 'in-1', ms: 2000 } });
  t.is(call.reinvites, 1);
  call.give({ kind: 'addresses', addresses: TUNNEL_ONLY });
  t.is(call.phone.calls().at(-1)?.state, 'talking');
});

test('of an address that no list shows, only who used it misses it', (t) => {
  for (const [flow, reinvites] of [
    [over(FC64, FC64_PEER), 1],
    [over(ROUTED, ROUTED_PEER), 0],
  ] as const) {
    const { ipv4, ipv6 } = TUNNEL_ONLY;
    const both = having(false, inside(ROUTED), inside(FC64));
    const call = new Call(flow, { ...both, ipv4, ipv6 });
    call.give({ kind: 'addresses', addresses: TUNNEL_ONLY });
    call.give({ kind: 'addresses', addresses: { ...TUNNEL_ONLY } });
    t.is(call.reinvites, reinvites);
  }
});

test('a tunnel that comes disturbs no call, and one that goes is a broken line', (t) => {
  const call = new Call(over(ROUTED, WORLD));
  call.give({ kind: 'addresses', addresses: having(false, inside(ROUTED), inside(FC64)) });
  t.is(call.reinvites, 0);
  call.give({ kind: 'addresses', addresses: having(false) });
  t.is(call.reinvites, 1);
  t.is(call.phone.calls().at(-1)?.cause, 'No IPv6 address');
});

test('*44# shows how it stands with the network', (t) => {
  const desk = new Desk();
  const addresses = { ...having(false), sixbed4: { state: 'waiting', why: 'no-router' } as const };
  desk.give({ kind: 'addresses', addresses });
  desk.lift();
  desk.press('*44#');
  t.deepEqual(desk.lines, ['IPv4 only', 'No 6bed4 router', '', '192.0.2.10']);
  desk.give({ kind: 'addresses', addresses: { ...TUNNEL_ONLY, sixbed4: { state: 'up', why: 'missing' } } });
  t.deepEqual(desk.lines.slice(0, 2), ['IPv4 6bed4', 'IPv6 by 6bed4']);
});

test('every reason has a sentence and a line that the display holds', (t) => {
  const all: Record<Sixbed4Reason, true> = {
    'switched-off': true,
    'not-there': true,
    'no-ipv4': true,
    native: true,
    looking: true,
    'no-router': true,
    asking: true,
    unanswered: true,
    missing: true,
    silent: true,
    always: true,
    handover: true,
  };
  for (const why of Object.keys(all) as Sixbed4Reason[]) {
    t.true(noteOf(why).length > 0);
    t.true(lineOf(why).length > 0 && lineOf(why).length <= COLUMNS, lineOf(why));
  }
});
