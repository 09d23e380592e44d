/** check-sync and its kin: who may say so, and what they are told. */
import test from 'ava';
import { readMessage } from '#sip/message/message.ts';
import { resyncOf } from '#sip/resync.ts';
import type { Account } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';
import { mutations } from '../support/mutate.ts';
import { Side } from '../support/pair.ts';
import { Peer } from '../support/peer.ts';
import { Wire } from '../support/wire.ts';

const notify = (event: string, more = '') =>
  `NOTIFY sip:bob@192.0.2.2 SIP/2.0\r\nTo: <sip:bob@192.0.2.2>${more}\r\nEvent: ${event}\r\n\r\n`;
const actionOf = (text: string) => {
  const message = readMessage(Buffer.from(text, 'latin1'));
  return message && resyncOf(message);
};

for (const [event, action] of [
  ['check-sync', 'check'],
  ['check-sync;reboot=false', 'check'],
  ['check-sync;reboot=true', 'reboot'],
  ['Check-Sync ; reboot = "TRUE"', 'reboot'],
  ['check-sync;reboot', 'check'],
  ['check-sync;;', 'check'],
  ['resync', 'check'],
  ['reboot_now', 'reboot'],
  ['restart_now', 'reboot'],
  ['report', 'report'],
  ['message-summary', undefined],
  ['constructor', undefined],
  ['', undefined],
] as const) {
  test(`Event: ${event} asks for ${action}`, (t) => {
    t.is(actionOf(notify(event)), action);
    t.is(actionOf(notify(event).replace('Event', 'o')), action);
    t.is(actionOf(notify(event).replace('NOTIFY', 'OPTIONS')), undefined);
  });
}

test('inside a dialog it is something else', (t) => {
  t.is(actionOf(notify('check-sync', ';tag=x')), undefined);
});

test('100 000 damaged ones are read or passed over', (t) => {
  const seeds = ['check-sync;reboot=true', 'resync', 'report;a="b"'].map((event) =>
    Buffer.from(notify(event)),
  );
  for (const octets of mutations(seeds, 100_000, 5)) {
    const message = readMessage(octets);
    if (message !== undefined) resyncOf(message);
  }
  t.pass();
});

const ACCOUNT: Account = {
  ...{ id: 'work', user: 'bob', domain: '192.0.2.7', authUser: 'bob', password: '', expires: 600 },
};

function house(acceptFrom: 'known' | 'anyone' = 'known') {
  const clock = new Clock();
  const wire = new Wire(clock);
  const bob = new Side('bob', '192.0.2.2', clock, wire, {
    accounts: [ACCOUNT],
    admission: { acceptFrom, allow: ['192.0.2.8'] },
    mayResync: (address) => address === '192.0.2.9',
  });
  const [registrar, friend, provisioner, stranger] = [7, 8, 9, 66].map(
    (n) => new Peer(wire, `192.0.2.${n}`, bob.local),
  ) as [Peer, Peer, Peer, Peer];
  registrar.on = (request) => {
    if (request.method !== 'REGISTER') return;
    const contact = request.first('contact') ?? '';
    registrar.reply(request, {
      status: 200,
      toTag: 'r',
      headers: [
        ['Contact', contact],
        ['Expires', '600'],
      ],
    });
  };
  const ask = (peer: Peer, event = 'check-sync;reboot=true') => {
    peer.ask({ method: 'NOTIFY', headers: [['Event', event]], callId: `${event}${Math.random()}` });
    clock.run(100);
  };
  const actions = () => bob.events.flatMap((event) => (event.kind === 'resync' ? [event.action] : []));
  const register = () => {
    bob.command({ kind: 'register', account: 'work' });
    clock.run(1_000);
  };
  return { clock, bob, registrar, friend, provisioner, stranger, ask, actions, register };
}

test('the registrar of a live registration is obeyed and gets 200, though there is no Subscription-State', (t) => {
  const { registrar, ask, actions, register } = house();
  register();
  ask(registrar);
  ask(registrar, 'check-sync');
  ask(registrar, 'report');
  t.deepEqual(registrar.statuses('NOTIFY'), [200, 200, 200]);
  t.deepEqual(actions(), ['reboot', 'check', 'report']);
});

test('before it has registered us, and after, the registrar is not', (t) => {
  const { clock, bob, registrar, ask, actions, register } = house('anyone');
  ask(registrar);
  register();
  bob.command({ kind: 'unregister', account: 'work' });
  clock.run(40_000);
  ask(registrar);
  t.deepEqual(registrar.statuses('NOTIFY'), [403, 403]);
  t.deepEqual(actions(), []);
});

test('the server of the configuration is obeyed, though it is no SIP server of ours', (t) => {
  const { provisioner, ask, actions } = house();
  ask(provisioner, 'resync');
  t.deepEqual(provisioner.statuses('NOTIFY'), [200]);
  t.deepEqual(actions(), ['check']);
  provisioner.ask({ method: 'OPTIONS' });
  t.deepEqual(provisioner.statuses('OPTIONS'), []);
});

test('who may ring may not reboot: 403; a stranger gets no answer; nothing is done', (t) => {
  const { friend, stranger, ask, actions, register } = house();
  register();
  ask(friend);
  ask(stranger);
  t.deepEqual(friend.statuses('NOTIFY'), [403]);
  t.deepEqual(stranger.heard, []);
  t.deepEqual(actions(), []);
});

test('any other NOTIFY is refused as before', (t) => {
  const { registrar, ask, register } = house();
  register();
  ask(registrar, 'message-summary');
  t.deepEqual(registrar.statuses('NOTIFY'), [405]);
});
