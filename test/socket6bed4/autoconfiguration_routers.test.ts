/** Another list of routers while the peer is at work. */
import test from 'ava';
import { endText, type Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import type { PeerEffect } from '#socket6bed4/peer/types.ts';
import { data, end, ip, NATIVE, OTHER_ROUTER, only, PeerStand, ROUTER, SELF } from './peer_stand.ts';

const BOTH = [ROUTER, OTHER_ROUTER];
const THIRD = end('192.0.2.3');
const OTHER_NATIVE = ip('2001:db8:bed4:2::');
const STRANGER = ip('2001:db8::1');
const OURS_BY_OTHER = addressOf(OTHER_NATIVE, SELF);

function use(stand: PeerStand, ...routers: readonly Ipv4End[]): PeerEffect[] {
  return stand.give({ kind: 'routers', routers });
}

function asked(effects: readonly PeerEffect[]): string[] {
  return only(effects, 'transmit').map(({ to }) => endText(to));
}

/** Who serves is told nothing for longer. */
function isSearching(stand: PeerStand): boolean {
  return stand.peer.deadline <= stand.now + 7000;
}

/** What is told but not sent, with its time. */
function told(stand: PeerStand, ms: number): string[] {
  return stand
    .pass(ms)
    .flatMap(({ at, effect }) => (effect.kind === 'transmit' ? [] : `${Math.round(at)} ${effect.kind}`));
}

test('the same routers in another order are nothing new, while one serves and while one is sought', (t) => {
  const stand = PeerStand.configured({ routers: BOTH });
  t.deepEqual(use(stand, OTHER_ROUTER, ROUTER, ROUTER), []);
  t.false(isSearching(stand));
  stand.pass(111_000);
  t.true(isSearching(stand));
  const due = stand.peer.deadline;
  t.deepEqual(use(stand, OTHER_ROUTER, ROUTER), []);
  t.is(stand.peer.deadline, due);
});

test('the router that serves stays while it is in the list, and nobody is asked', (t) => {
  const stand = PeerStand.configured();
  t.deepEqual(use(stand, THIRD, ROUTER, OTHER_ROUTER), []);
  t.deepEqual(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), []);
  t.deepEqual(stand.peer.addresses, [stand.own]);
});

test('when it is lost those of the new list are asked', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER, ROUTER);
  const solicited = stand.pass(111_000).map(({ effect }) => effect);
  t.true(asked(solicited).includes(endText(OTHER_ROUTER)));
  t.is(only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('a router that is wanted no longer serves until another one answers', (t) => {
  const stand = PeerStand.configured();
  t.deepEqual(asked(use(stand, OTHER_ROUTER)).sort(), BOTH.map(endText));
  t.true(isSearching(stand));
  t.deepEqual(stand.advertise(), [], 'its answer does not end the search');
  t.true(isSearching(stand));
  t.is(only(stand.receive(data(STRANGER, stand.own), ROUTER), 'deliver').length, 1);
  t.deepEqual(asked(stand.send(STRANGER)), [endText(ROUTER)]);
  const [address] = only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address');
  t.deepEqual(address?.previous, stand.own);
  t.deepEqual(stand.peer.addresses, [OURS_BY_OTHER]);
  t.false(isSearching(stand));
  t.deepEqual(stand.sent(25_000), ['25000 empty 25790']);
});

test('it is believed no more after that', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER);
  stand.advertise(OTHER_ROUTER, OTHER_NATIVE);
  stand.advertise(ROUTER, NATIVE, end('198.51.100.1:50001'), OURS_BY_OTHER);
  t.deepEqual(stand.peer.addresses, [OURS_BY_OTHER]);
  t.deepEqual(asked(stand.give({ kind: 'network-changed' })), [endText(OTHER_ROUTER)]);
});

test('while the new ones are silent the old one is kept and may correct our address; it is not lost', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER);
  stand.advertise();
  let longest = 0;
  let last = stand.now;
  for (let minute = 0; minute < 10; minute++) {
    for (const { at, effect } of stand.pass(10_000)) {
      t.not(effect.kind, 'lost');
      if (effect.kind !== 'transmit' || endText(effect.to) !== endText(ROUTER)) continue;
      const time = stand.now - 10_000 + at;
      longest = Math.max(longest, time - last);
      last = time;
    }
    stand.advertise();
  }
  t.true(longest > 0 && longest <= 26_250, `${longest} ms without a word to it`);
  const moved = end('198.51.100.1:50001');
  t.is(only(stand.advertise(ROUTER, NATIVE, moved, stand.own), 'address').length, 1);
  t.is(only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('when the old one is silent too it is lost after 4 s', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER);
  t.deepEqual(told(stand, 30_000), ['4000 lost']);
});

test('or later, when it dies before another one has answered', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER);
  stand.advertise();
  const lost = told(stand, 200_000);
  t.is(lost.length, 1);
  t.regex(lost[0] ?? '', /lost$/);
  t.is(only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('a change of network does not make us loyal to it', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER);
  stand.give({ kind: 'network-changed' });
  t.is(only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('wanted again, it ends the search with its next answer', (t) => {
  const stand = PeerStand.configured();
  use(stand, OTHER_ROUTER);
  stand.advertise();
  use(stand, ROUTER);
  stand.advertise();
  t.false(isSearching(stand));
  t.deepEqual(stand.sent(25_000), ['25000 empty 25790']);
});

test('new routers are asked at once where one is looked for', (t) => {
  const stand = new PeerStand({ routers: [] });
  t.deepEqual(asked(use(stand, ROUTER)), [endText(ROUTER)]);
  stand.pass(10_000);
  t.deepEqual(asked(use(stand, OTHER_ROUTER, ROUTER)).sort(), BOTH.map(endText));
  t.is(only(stand.advertise(OTHER_ROUTER, OTHER_NATIVE), 'address').length, 1);
});

test('of many the eight that are known stay, whatever their order', (t) => {
  const many = Array.from({ length: 12 }, (_, i) => end(`192.0.2.${i + 1}`));
  const stand = new PeerStand({ routers: many });
  stand.give({ kind: 'start' });
  t.deepEqual(use(stand, ...many.toReversed()), []);
  const sent = asked(stand.pass(1000).map(({ effect }) => effect));
  t.deepEqual(sent, many.slice(0, 8).map(endText));
});

test('the one that serves is among them', (t) => {
  const many = Array.from({ length: 12 }, (_, i) => end(`192.0.2.${i + 1}`));
  const stand = PeerStand.configured();
  t.deepEqual(use(stand, ...many.toReversed()), []);
  t.false(isSearching(stand));
});
