import test from 'ava';
import { MediaRemote } from '#media/remote.ts';

const PEER = '192.0.2.1';
const OTHER = '198.51.100.7';

function negotiated(address = PEER, port = 4000): MediaRemote {
  const remote = new MediaRemote();
  remote.negotiate(address, port);
  return remote;
}

/** Packets in a row from one place, 20 ms apart; which were accepted. */
function packets(
  remote: MediaRemote,
  address: string,
  port: number,
  count: number,
  from = 0,
  ssrc = 1,
): boolean[] {
  return Array.from({ length: count }, (_, i) =>
    remote.accepts(address, port, ssrc, (65_530 + i) & 0xffff, from + i * 20),
  );
}

test('media is taken from the negotiated place at once', (t) => {
  t.deepEqual(packets(negotiated(), PEER, 4000, 3), [true, true, true]);
});

test('media from elsewhere is taken after five packets that agree, while the negotiated place is silent', (t) => {
  const remote = negotiated();
  t.deepEqual(packets(remote, OTHER, 5000, 7), [false, false, false, false, true, true, true]);
  t.deepEqual([remote.address, remote.port, remote.latched], [OTHER, 5000, true]);
});

test('nobody cuts in while the negotiated place sends', (t) => {
  const remote = negotiated();
  for (let now = 0; now < 2000; now += 20) {
    t.true(remote.accepts(PEER, 4000, 1, now / 20, now));
    t.false(remote.accepts(OTHER, 5000, 2, now / 20, now));
  }
  t.is(remote.address, PEER);
});

test('the negotiated place is taken back as soon as it is heard', (t) => {
  const remote = negotiated();
  packets(remote, OTHER, 5000, 6);
  t.true(remote.accepts(PEER, 4000, 1, 1, 200));
  t.deepEqual([remote.address, remote.port], [PEER, 4000]);
});

test('packets that do not belong together never agree', (t) => {
  const remote = negotiated();
  for (let i = 0; i < 500; i++) {
    t.false(remote.accepts(OTHER, 5000 + (i % 3), 1, i, i * 20), 'ports alternate');
    t.false(remote.accepts(OTHER, 5000, i, i, i * 20), 'sources alternate');
    t.false(remote.accepts(OTHER, 6000, 1, (i * 7919) & 0xffff, i * 20), 'sequence numbers leap');
    t.false(remote.accepts(OTHER, 7000, 1, 5, i * 20), 'one packet repeated');
  }
});

test('a new negotiation forgets the latch, the same one keeps it', (t) => {
  const remote = negotiated();
  packets(remote, OTHER, 5000, 6);
  remote.negotiate(PEER, 4000);
  t.is(remote.address, OTHER);
  remote.negotiate(PEER, 4002);
  t.deepEqual([remote.address, remote.port], [PEER, 4002]);
});

test('Teredo is neither heard nor sent to', (t) => {
  const teredo = '2001:0:53aa:64c:1:2:3:4';
  t.is(negotiated(teredo).address, '');
  t.false(packets(negotiated(teredo), teredo, 4000, 20).includes(true));
  t.false(packets(negotiated(), teredo, 4000, 20).includes(true));
  t.false(packets(negotiated(), '2001::1', 4000, 20).includes(true));
  t.true(packets(negotiated(), '2001:db8::1', 4000, 20).includes(true));
});

test('an address is known in any spelling', (t) => {
  t.deepEqual(packets(negotiated('2001:DB8:0::0001'), '2001:db8::1', 4000, 1), [true]);
});

test('nothing is sent to the address that stands for none', (t) => {
  t.is(negotiated('0.0.0.0').address, '');
  t.is(negotiated('::').address, '');
  t.is(negotiated('no address').address, '');
});
