/** Who may ring: strangers are not even answered. */
import test from 'ava';
import { Admission } from '#sip/admission.ts';
import { readMessage } from '#sip/message/message.ts';
import type { Account, Flow } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';
import { Side } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';
import { Wire } from '../support/wire.ts';

const ACCOUNT: Account = {
  id: 'work',
  user: 'bob',
  domain: 'example.test',
  authUser: 'bob',
  password: '',
  expires: 600,
};

function from(address: string): Flow {
  const local = { family: 4, address: '192.0.2.2', port: 5060 } as const;
  const family = address.includes(':') ? 6 : 4;
  return { transport: 'udp', local, remote: { family, address, port: 5060 } };
}

const options = readMessage(Buffer.from('OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\n\r\n'));

for (const [address, allow, admitted] of [
  ['127.0.0.1', [], true],
  ['127.255.0.9', [], true],
  ['::1', [], true],
  ['::ffff:127.0.0.1', [], true],
  ['192.0.2.7', [], false],
  ['192.0.2.7', ['192.0.2.0/24'], true],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
  ['192.0.3.7', ['192.0.2.0/24'], false],
  ['2001:db8::7', ['2001:db8::/32'], true],
  ['2001:db9::7', ['2001:db8::/32', '192.0.2.7'], false],
  ['192.0.2.7', ['192.0.2.7'], true],
  ['not an address', [], false],
] as const) {
  test(`${address} is ${admitted ? 'known' : 'a stranger'} where [${allow.join()}] is allowed`, (t) => {
    const admission = new Admission({ acceptFrom: 'known', allow }, []);
    t.is(options && admission.admits(options, from(address)), admitted);
    t.is(options && new Admission({ acceptFrom: 'anyone', allow }, []).admits(options, from(address)), true);
  });
}

function house() {
  const clock = new Clock();
  const wire = new Wire(clock);
  const bob = new Side('bob', '192.0.2.2', clock, wire, {
    accounts: [ACCOUNT],
    admission: { acceptFrom: 'known', allow: ['friends.example'] },
  });
  const peer = new Peer(wire, '192.0.2.7', bob.local);
  const drops = () => bob.events.flatMap((event) => (event.kind === 'dropped' ? [event.why] : []));
  return { clock, wire, bob, peer, drops };
}

const INVITE = { method: 'INVITE', headers: [SDP], body: 'v=0' } as const;

test('a stranger gets no answer to anything, and is counted', (t) => {
  const { clock, bob, peer, drops } = house();
  peer.ask(INVITE);
  peer.ask({ method: 'OPTIONS' });
  peer.ask({ method: 'BYE', toTag: 'guess' });
  peer.ask({ method: 'REGISTER', headers: [['Content-Length', '-1']] });
  peer.say(peer.text({ method: 'OPTIONS' }).replace('SIP/2.0', 'SIP/9.0'));
  clock.run(40_000);
  t.deepEqual(peer.heard, []);
  t.deepEqual(drops(), Array(5).fill('stranger'));
  t.is(bob.all('incoming').length, 0);
  t.is(bob.agent.load.transactions, 0);
});

test('what is no SIP is dropped and counted apart', (t) => {
  const { clock, peer, drops } = house();
  peer.say('hello');
  peer.say('\r\n\r\n');
  clock.run(100);
  t.deepEqual(drops(), ['no-sip', 'no-sip']);
});

test('whoever knows the Contact that we registered may ring', (t) => {
  const { clock, bob, peer } = house();
  peer.ask({ ...INVITE, uri: 'sip:bob-token-1@192.0.2.2:5060' });
  clock.run(100);
  t.is(bob.last('incoming')?.account, 'work');
});

test('the servers of our accounts may ring once we have looked for them', (t) => {
  const { clock, bob, peer } = house();
  peer.ask({ ...INVITE, uri: 'sip:bob@example.test', cseq: 1 });
  clock.run(100);
  t.is(bob.all('incoming').length, 0);
  bob.names.set('example.test', [bob.flowTo(peer.local)]);
  bob.command({ kind: 'register', account: 'work' });
  clock.run(100);
  peer.ask({ ...INVITE, uri: 'sip:bob@example.test', cseq: 2 });
  clock.run(100);
  t.is(bob.last('incoming')?.account, 'work');
});

test('whom we only called may not ring, but may hang up', (t) => {
  const { clock, bob, peer } = house();
  bob.call('sip:peer@192.0.2.7');
  clock.run(100);
  const invite = peer.last('INVITE');
  if (invite === undefined) return t.fail();
  peer.reply(invite, {
    status: 200,
    toTag: 'peer',
    headers: [SDP, ['Contact', '<sip:peer@192.0.2.7>']],
    body: 'v=0',
  });
  clock.run(100);
  peer.ask({ ...INVITE, cseq: 1 });
  clock.run(100);
  t.is(bob.all('incoming').length, 0);
  peer.ask({ method: 'BYE', toTag: invite.fromTag ?? '', callId: invite.callId, cseq: 2 });
  clock.run(100);
  t.is(peer.last('BYE')?.status, 200);
});

test('names of the list are looked up now and then, and their addresses may ring', (t) => {
  const { clock, bob, peer } = house();
  clock.run(100);
  peer.ask({ ...INVITE, cseq: 1 });
  clock.run(100);
  t.is(bob.all('incoming').length, 0);
  clock.run(20_000);
  bob.names.set('friends.example', [bob.flowTo(peer.local)]);
  clock.run(600_000);
  peer.ask({ ...INVITE, cseq: 2 });
  clock.run(100);
  t.is(bob.all('incoming').length, 1);
});

test('a friend who has moved is turned away once, and known when the INVITE comes again', (t) => {
  const { clock, bob, peer } = house();
  clock.run(60_000);
  bob.names.set('friends.example', [bob.flowTo(peer.local)]);
  peer.ask({ ...INVITE, cseq: 1 });
  clock.run(500);
  t.is(bob.all('incoming').length, 0);
  peer.ask({ ...INVITE, cseq: 1 });
  clock.run(500);
  t.is(bob.all('incoming').length, 1);
});

test('however many strangers knock, the names are looked up every ten seconds at most', (t) => {
  const { clock, bob, peer } = house();
  const before = bob.lookedUp;
  for (let cseq = 1; cseq <= 600; cseq++) {
    peer.ask({ ...INVITE, cseq });
    clock.run(100);
  }
  t.true(bob.lookedUp - before >= 5);
  t.true(bob.lookedUp - before <= 7);
});

test('with other addresses of ours the names of the list are looked up again', (t) => {
  const { clock, bob, peer } = house();
  clock.run(100);
  bob.names.set('friends.example', [bob.flowTo(peer.local)]);
  bob.command({ kind: 'network-changed', attachment: 'tunnel', addresses: ['192.0.2.2', '2001:db8::2'] });
  clock.run(100);
  peer.ask({ ...INVITE, cseq: 1 });
  clock.run(100);
  t.is(bob.all('incoming').length, 1);
});
