/** How a peer comes by an address and keeps it: every timer with the jumping clock. */
import test from 'ava';
import { endText } from '#socket6bed4/address/ipv4.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { data, end, ip, NATIVE, OTHER_ROUTER, only, PeerStand, ROUTER, SELF } from './peer_stand.ts';

const BOTH = { routers: [ROUTER, OTHER_ROUTER] };
const OTHER_NATIVE = ip('2001:db8:bed4:2::');
const ELSEWHERE = end('198.51.100.1:50001');

/** To whom and when, without what. */
function times(texts: readonly string[]): number[] {
  return texts.map((text) => Number(text.split(' ')[0]));
}

test('all routers are solicited at once, eight at most and each once', (t) => {
  const many = Array.from({ length: 12 }, (_, i) => end(`192.0.2.${1 + (i % 10)}`));
  const stand = new PeerStand({ routers: many });
  const asked = only(stand.give({ kind: 'start' }), 'transmit').map(({ to }) => endText(to));
  t.deepEqual(asked, many.slice(0, 8).map(endText));
});

test('solicitations are repeated after 1, 3, 7, 15, 30, 30 … s', (t) => {
  const stand = new PeerStand();
  stand.give({ kind: 'start' });
  t.deepEqual(times(stand.sent(120_000)), [1000, 4000, 11_000, 26_000, 56_000, 86_000, 116_000]);
});

test('chance moves the rounds by a tenth at most', (t) => {
  for (const [dice, first] of [
    [0, 900],
    [0.999_999, 1100],
  ] as const) {
    const stand = new PeerStand({ random: () => dice });
    stand.give({ kind: 'start' });
    t.is(Math.round(stand.peer.deadline - stand.now), first);
  }
});

test('the first advertisement wins: address, once', (t) => {
  const stand = new PeerStand(BOTH);
  stand.give({ kind: 'start' });
  const told = only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address');
  t.deepEqual(told, [{ kind: 'address', address: addressOf(OTHER_NATIVE, SELF), router: OTHER_ROUTER }]);
  t.deepEqual(stand.advertise(), []);
  t.deepEqual(stand.peer.addresses, [addressOf(OTHER_NATIVE, SELF)]);
});

test('without an answer it is lost after 4 s, told once; later there is an address after all', (t) => {
  const stand = new PeerStand();
  stand.give({ kind: 'start' });
  const told = stand.pass(600_000).filter(({ effect }) => effect.kind === 'lost');
  t.deepEqual(told, [{ at: 4000, effect: { kind: 'lost', first: true } }]);
  t.is(only(stand.advertise(), 'address').length, 1);
});

test('without routers it is as with silent ones', (t) => {
  const stand = new PeerStand({ routers: [] });
  stand.give({ kind: 'start' });
  t.deepEqual(stand.pass(600_000), [{ at: 4000, effect: { kind: 'lost', first: true } }]);
});

test('a keep-alive every 25 s, every fourth a solicitation', (t) => {
  const stand = PeerStand.configured();
  const sent: string[] = [];
  for (let quarter = 0; quarter < 8; quarter++) {
    sent.push(...stand.sent(25_000));
    stand.advertise();
  }
  t.deepEqual(sent, [
    ...['25000 empty 25790', '25000 empty 25790', '25000 empty 25790', '25000 RS 25790'],
    ...['25000 empty 25790', '25000 empty 25790', '25000 empty 25790', '25000 RS 25790'],
  ]);
});

test('chance moves keep-alives by a twentieth at most, and another interval can be asked for', (t) => {
  const dice = [0, 0, 0.999_999, 0.5];
  const stand = PeerStand.configured({ random: () => dice.shift() ?? 0.5, keepAlive: 10_000 });
  t.deepEqual(times(stand.sent(9500)), [9500]);
  t.deepEqual(times(stand.sent(10_500)), [10_500]);
  t.deepEqual(times(stand.sent(10_000)), [10_000]);
});

test('a shorter hole brings quicker keep-alives', (t) => {
  const stand = PeerStand.configured({ hole: 20_000 });
  t.deepEqual(times(stand.sent(15_000)), [15_000]);
});

test('the hole counts from what we send: a slow answer does not put off the keep-alive', (t) => {
  const stand = new PeerStand();
  stand.give({ kind: 'start' });
  stand.now += 800;
  stand.advertise();
  t.is(stand.peer.deadline, stand.now + 24_200);
});

test('an unanswered check is repeated after 1 s and 3 s; 7 s later every router is asked, and 4 s later it is lost', (t) => {
  const stand = PeerStand.configured(BOTH);
  stand.pass(75_000);
  const seen = stand.pass(45_000);
  const other = seen.filter(({ effect }) => effect.kind === 'transmit' && effect.to === OTHER_ROUTER);
  const own = seen.filter(({ effect }) => effect.kind === 'transmit' && effect.to === ROUTER);
  t.deepEqual(
    own.map(({ at }) => at),
    [25_000, 26_000, 29_000, 36_000, 37_000, 40_000],
  );
  t.deepEqual(
    other.map(({ at }) => at),
    [36_000, 37_000, 40_000],
  );
  t.deepEqual(
    seen.filter(({ effect }) => effect.kind === 'lost'),
    [{ at: 40_000, effect: { kind: 'lost', first: false } }],
  );
  t.deepEqual(stand.peer.addresses, [stand.own], 'our address stays what it was');
});

test('the next router takes over, with another address', (t) => {
  const stand = PeerStand.configured(BOTH);
  stand.pass(111_000);
  const [told] = only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address');
  t.deepEqual(told?.previous, stand.own);
  t.deepEqual(told?.router, OTHER_ROUTER);
  t.deepEqual(stand.sent(25_000), ['25000 empty 25790']);
});

test('when the same router is back after it was lost, the address is told anew, nothing being void', (t) => {
  const stand = PeerStand.configured();
  stand.pass(120_000);
  t.deepEqual(only(stand.advertise(), 'address'), [{ kind: 'address', address: stand.own, router: ROUTER }]);
});

test('when it is back before that, nobody is told', (t) => {
  const stand = PeerStand.configured();
  stand.pass(112_000);
  t.deepEqual(stand.advertise(), []);
});

test('a router whose packets come is not lost though its advertisements are', (t) => {
  const stand = PeerStand.configured();
  stand.pass(100_000);
  const seen: string[] = [];
  for (let second = 0; second < 60; second++) {
    stand.receive(data(ip('2001:db8::1'), stand.own), ROUTER);
    seen.push(...stand.pass(1000).map(({ effect }) => effect.kind));
  }
  t.false(seen.includes('lost'));
});

test('on losing a router the quickest of the others is asked first', (t) => {
  const third = end('192.0.2.3');
  const stand = new PeerStand({ routers: [ROUTER, OTHER_ROUTER, third] });
  stand.give({ kind: 'start' });
  for (const [router, prefix] of [
    [ROUTER, NATIVE],
    [third, ip('2001:db8:bed4:3::')],
    [OTHER_ROUTER, OTHER_NATIVE],
  ] as const) {
    stand.now += 10;
    stand.advertise(router, prefix);
  }
  const asked = only(stand.give({ kind: 'start' }), 'transmit').map(({ to }) => to);
  t.deepEqual(asked, [ROUTER, third, OTHER_ROUTER]);
});

test('a corrective advertisement changes the address at once', (t) => {
  const stand = PeerStand.configured();
  const before = stand.own;
  const [told] = only(stand.advertise(ROUTER, NATIVE, ELSEWHERE, before), 'address');
  t.deepEqual(told, {
    kind: 'address',
    address: addressOf(NATIVE, ELSEWHERE),
    previous: before,
    router: ROUTER,
  });
  t.deepEqual(stand.peer.addresses, [addressOf(NATIVE, ELSEWHERE)]);
});

test('so does one with another /64, if our router sends it', (t) => {
  const stand = PeerStand.configured();
  t.is(only(stand.advertise(ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('correction does not put off the next keep-alive', (t) => {
  const stand = PeerStand.configured();
  stand.pass(20_000);
  stand.advertise(ROUTER, NATIVE, ELSEWHERE, stand.own);
  t.deepEqual(stand.sent(5000), ['5000 empty 25790']);
});

test('after a change of network the router of before is preferred for a second', (t) => {
  const stand = PeerStand.configured(BOTH);
  t.is(only(stand.give({ kind: 'network-changed' }), 'transmit').length, 2);
  t.deepEqual(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), []);
  stand.now += 500;
  t.deepEqual(stand.advertise(), [], 'nothing has changed');
  t.deepEqual(stand.peer.addresses, [stand.own]);
  t.deepEqual(stand.sent(20_000), []);
});

test('if it keeps silent, the other one serves after that second', (t) => {
  const stand = PeerStand.configured(BOTH);
  stand.give({ kind: 'network-changed' });
  stand.advertise(OTHER_ROUTER, OTHER_NATIVE);
  const told = stand.pass(1000);
  t.deepEqual(
    told.map(({ at, effect }) => [at, effect.kind]),
    [[1000, 'address']],
  );
  t.deepEqual(stand.peer.addresses, [addressOf(OTHER_NATIVE, SELF)]);
});

test('or as soon as it answers, if that is later', (t) => {
  const stand = PeerStand.configured(BOTH);
  stand.give({ kind: 'network-changed' });
  stand.pass(1000);
  t.is(only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('somebody missed behind the router makes it checked, unless it was heard in the last 5 s', (t) => {
  const stand = PeerStand.configured();
  const remote = ip('2001:db8::1');
  stand.now += 4999;
  stand.give({ kind: 'suspect', remote });
  t.deepEqual(stand.sent(0), []);
  stand.now += 1;
  stand.give({ kind: 'suspect', remote });
  t.deepEqual(stand.sent(0), ['0 RS 25790']);
  stand.give({ kind: 'suspect', remote });
  t.deepEqual(stand.sent(0), []);
});

test('an address where nobody can be is refused, a private one is our own business', (t) => {
  for (const nonsense of ['0.1.2.3:4000', '224.0.0.1:4000']) {
    const stand = new PeerStand();
    stand.give({ kind: 'start' });
    t.deepEqual(stand.advertise(ROUTER, NATIVE, end(nonsense)), [
      { kind: 'dropped', why: 'bad-advertisement' },
    ]);
  }
  const stand = new PeerStand();
  stand.give({ kind: 'start' });
  t.is(only(stand.advertise(ROUTER, NATIVE, { ...SELF, port: 0 }), 'address').length, 0);
  t.is(only(stand.advertise(ROUTER, NATIVE, end('192.168.1.2:4000')), 'address').length, 1);
});

test('nor an address in a prefix that is none', (t) => {
  for (const prefix of ['::', 'fe80::', 'ff02::', '2001:0:1:2::', '2002:102:304::']) {
    const stand = new PeerStand();
    stand.give({ kind: 'start' });
    t.deepEqual(stand.advertise(ROUTER, ip(prefix)), [{ kind: 'dropped', why: 'bad-advertisement' }], prefix);
  }
});
