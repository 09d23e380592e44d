/** The network breaks in the midst of a call: it moves, is held, or ends, and says why. */
import test from 'ava';
import { Desk, type DeskOptions, FLOW, FLOW6, peerOffer } from '../support/desk.ts';

const BOTH = { ipv4: ['192.0.2.10'], ipv6: ['2001:db8::10'] };
const MOVED = { ipv4: ['192.0.2.77'], ipv6: ['2001:db8::10'] };
const NO_IPV4 = { ipv4: [], ipv6: ['2001:db8::10'] };

class Call extends Desk {
  readonly id: string;

  constructor(options: DeskOptions = {}) {
    super(options);
    this.id = this.talkIncoming();
    this.forget();
  }

  have(addresses: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }): void {
    this.give({ kind: 'addresses', addresses });
  }

  silence(ms = 2000): void {
    this.give({ kind: 'media', event: { kind: 'media-silent', session: this.id, ms } });
  }

  received(packets: number): void {
    const statistics = { sent: packets, received: packets, lost: 0, jitterMs: 1 };
    this.give({ kind: 'media', event: { kind: 'statistics', session: this.id, statistics } });
  }

  /** The user agent asks for an offer over `flow`; the SDP of it. */
  offers(flow = FLOW): string {
    this.sip({ kind: 'describe', call: this.id, flow });
    return this.commands('described').at(-1)?.sdp ?? '';
  }

  /** The peer answers our re-INVITE. */
  agrees(): void {
    this.sip({ kind: 'answer', call: this.id, sdp: this.peerAnswer(), early: false });
  }

  refuses(status: number, unreached = false): void {
    this.sip({ kind: 'reinvite-refused', call: this.id, status, unreached });
  }

  get status() {
    const { state, cause } = this.phone.calls().at(-1) ?? {};
    return cause === undefined ? state : `${state}: ${cause}`;
  }

  get reinvites(): number {
    return this.commands('reinvite').length;
  }
}

test('a call whose address is gone goes on from the new one', (t) => {
  const call = new Call();
  call.have(MOVED);
  t.deepEqual(call.commands('reinvite'), [{ kind: 'reinvite', call: call.id, anew: true }]);
  t.is(call.status, 'held: No IPv4 address');
  const flow = { ...FLOW, local: { ...FLOW.local, address: '192.0.2.77' } };
  t.regex(call.offers(flow), /c=IN IP4 192\.0\.2\.77/);
  call.agrees();
  t.is(call.status, 'talking');
  call.clock.run(60_000);
  t.is(call.status, 'talking');
  t.is(call.reinvites, 1);
});

test('a change that does not concern the call leaves it alone', (t) => {
  const call = new Call();
  call.have({ ipv4: ['192.0.2.10', '192.0.2.11'], ipv6: [] });
  t.is(call.reinvites, 0);
  t.is(call.status, 'talking');
});

test('a call that nothing can carry is held for 20 s, says why, and ends', (t) => {
  const call = new Call();
  call.have(NO_IPV4);
  call.refuses(503, true);
  t.is(call.status, 'held: No IPv4 address');
  t.is(call.lines[0]?.slice(0, 11), 'Line broken');
  t.is(call.lines[3], 'No IPv4 address');
  call.clock.run(19_900);
  t.is(call.status, 'held: No IPv4 address');
  call.clock.run(200);
  t.is(call.status, 'ended: No IPv4 address');
  t.is(call.commands('hang-up').length, 1);
  t.is(call.phone.state, 'congestion');
});

test('while a call is held it is asked again every two seconds, and when the network changes', (t) => {
  const call = new Call();
  call.have(NO_IPV4);
  for (const round of [1, 2, 3]) {
    t.is(call.reinvites, round);
    call.refuses(503, true);
    call.clock.run(2000);
  }
  call.refuses(503, true);
  const before = call.reinvites;
  call.have(BOTH);
  t.is(call.reinvites, before + 1);
  call.offers();
  call.agrees();
  t.is(call.status, 'talking');
});

test('an address that comes back is enough, if something is heard then', (t) => {
  const call = new Call();
  call.received(10);
  call.have(NO_IPV4);
  call.received(20);
  t.is(call.status, 'held: No IPv4 address', 'those were on their way before');
  call.have(BOTH);
  call.received(30);
  t.is(call.status, 'talking');
  call.clock.run(60_000);
  t.is(call.status, 'talking');
});

test('silence asks the peer; who answers is left in peace for half a minute', (t) => {
  const call = new Call();
  call.received(100);
  call.silence();
  t.is(call.reinvites, 1);
  t.is(call.status, 'talking', 'nothing to be seen of it');
  call.offers();
  call.agrees();
  for (const ms of [4000, 6000, 28_000]) call.silence(ms);
  t.is(call.reinvites, 1);
  call.clock.run(30_000);
  call.silence(30_000);
  t.is(call.reinvites, 2);
});

test('silence and no answer: the call is held after a second, and ended after twenty', (t) => {
  const call = new Call();
  call.silence();
  call.offers();
  call.clock.run(999);
  t.is(call.status, 'talking');
  call.clock.run(1);
  t.is(call.status, 'held: No sound over IPv4');
  t.is(call.lines[3], 'No sound over IPv4');
  call.clock.run(19_000);
  t.is(call.status, 'ended: No sound over IPv4');
});

test('when SIP gives up first, the reason stays that of the trouble', (t) => {
  const call = new Call();
  call.silence();
  call.clock.run(19_000);
  call.ended(call.id, { by: 'network', status: 408, reason: 'no answer from 192.0.2.1:5060 (udp)' });
  t.is(call.status, 'ended: No sound over IPv4');
  const other = new Call();
  other.silence();
  other.clock.run(5000);
  other.ended(other.id, { by: 'peer', reason: 'hung up' });
  t.is(other.status, 'ended: The peer hung up');
});

test('sound that returns, a refusal, and an offer of the peer end the trouble of silence', (t) => {
  const ends: readonly ((call: Call) => void)[] = [
    (call) => call.received(200),
    (call) => call.refuses(488),
    (call) => call.sip({ kind: 'describe', call: call.id, flow: FLOW, remote: peerOffer() }),
  ];
  for (const end of ends) {
    const call = new Call();
    call.received(100);
    call.silence();
    call.clock.run(3000);
    t.is(call.status, 'held: No sound over IPv4');
    end(call);
    t.is(call.status, 'talking');
    call.clock.run(60_000);
    t.is(call.status, 'talking');
  }
});

test('silence is no reason to ask while somebody holds, or where there is one family only', (t) => {
  const held = new Call();
  held.flash();
  held.forget();
  held.silence();
  t.is(held.reinvites, 0);
  const single = new Call();
  single.have({ ipv4: BOTH.ipv4, ipv6: [] });
  single.silence();
  t.is(single.reinvites, 0);
});

test('a call that moves to the other family names that one only', (t) => {
  const call = new Call();
  call.silence();
  const offer = call.offers(FLOW6);
  t.regex(offer, /c=IN IP6 2001:db8::10/);
  t.notRegex(offer, /IP4|192\.0\.2/);
});

test('an address that goes while the other end still rings is asked for when it has answered', (t) => {
  const desk = new Desk();
  const id = desk.callOut();
  desk.give({ kind: 'addresses', addresses: MOVED });
  t.deepEqual(desk.commands('reinvite'), []);
  desk.answered(id);
  t.is(desk.commands('reinvite').length, 1);
});

test('other name servers are a new chance for who is not registered', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'resolvers' });
  t.is(desk.commands('register').length, 1);
  desk.sip({ kind: 'registration', account: 'a', state: 'registered', flow: FLOW, expires: 600 });
  desk.give({ kind: 'resolvers' });
  t.is(desk.commands('register').length, 1);
});
