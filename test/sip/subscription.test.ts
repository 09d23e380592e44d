/** Subscriptions to documents (RFC 5989, RFC 6011 2.5.1): made, kept, made anew, and what is told there. */
import test from 'ava';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { Clock } from '../support/clock.ts';
import { mutations } from '../support/mutate.ts';
import { Side } from '../support/pair.ts';
import { Peer } from '../support/peer.ts';
import { Wire } from '../support/wire.ts';

const URI = 'sip:changes@192.0.2.9';
const TAG = 'notifier';

function house() {
  const clock = new Clock();
  const wire = new Wire(clock);
  const alice = new Side('alice', '192.0.2.1', clock, wire, {
    admission: { acceptFrom: 'known', allow: [] },
  });
  const [server, stranger] = [9, 66].map((n) => new Peer(wire, `192.0.2.${n}`, alice.local)) as [Peer, Peer];
  let cseq = 0;
  const subscribes = () =>
    server.heard.filter(({ method, kind }) => method === 'SUBSCRIBE' && kind === 'request');
  const answer = (status: number, ...headers: (readonly [string, string])[]) =>
    (server.on = (message) => {
      if (message.method !== 'SUBSCRIBE' || message.kind !== 'request') return;
      const contact = ['Contact', '<sip:changes@192.0.2.9:5060>'] as const;
      server.reply(message, { status, toTag: TAG, headers: [contact, ...headers] });
    });
  /** In the dialog of the last SUBSCRIBE. */
  const notify = (state: string, body = '', from: Peer = server, more: object = {}) => {
    const last = subscribes().at(-1);
    from.ask({
      ...{ method: 'NOTIFY', fromTag: TAG, toTag: last?.fromTag ?? '', callId: last?.callId ?? '' },
      ...{ cseq: ++cseq, body, ...more },
      headers: [
        ['Event', 'http-monitor'],
        ['Subscription-State', state],
      ],
    });
    clock.run(50);
  };
  const monitor = (...uris: string[]) => alice.command({ kind: 'monitor', uris });
  const told = () =>
    alice.events.flatMap((event) => (event.kind === 'monitored' ? [event.body ?? 'refused'] : []));
  return { clock, alice, server, stranger, subscribes, answer, notify, monitor, told };
}

/** Subscribed, with the first NOTIFY. */
function subscribed(expires = '3600') {
  const it = house();
  it.answer(200, ['Expires', expires]);
  it.monitor(URI);
  it.clock.run(100);
  it.notify(`active;expires=${expires}`, 'ETag: "1"\r\n');
  return it;
}

test('what is asked for, and what is told', (t) => {
  const { subscribes, server, told } = subscribed();
  const [request] = subscribes();
  t.is(request?.uri, URI);
  t.is(request?.first('event'), 'http-monitor');
  t.is(request?.first('accept'), 'message/http');
  t.is(request?.first('expires'), '3600');
  t.truthy(request?.contact);
  t.deepEqual(server.statuses('NOTIFY'), [200]);
  t.deepEqual(told(), ['ETag: "1"\r\n']);
});

test('before nine tenths of the time granted have gone nothing is sent, then it is refreshed in its dialog', (t) => {
  const { clock, subscribes } = subscribed('600');
  clock.run(530_000);
  t.is(subscribes().length, 1);
  clock.run(20_000);
  const [first, second] = subscribes();
  t.is(second?.callId, first?.callId);
  t.is(second?.toTag, TAG);
  t.is(second?.uri, 'sip:changes@192.0.2.9:5060');
  clock.run(86_400_000);
  t.true(subscribes().length > 150);
  t.is(new Set(subscribes().map(({ callId }) => callId)).size, 1);
});

test('a notification that is quicker than the answer is taken', (t) => {
  const { clock, server, notify, monitor, told } = house();
  monitor(URI);
  clock.run(50);
  notify('active;expires=60', 'ETag: "1"');
  t.deepEqual(told(), ['ETag: "1"']);
  t.deepEqual(server.statuses('NOTIFY'), [200]);
});

for (const [state, least, most] of [
  ['terminated;reason=deactivated', 2_000, 8_100],
  ['terminated;reason=timeout', 2_000, 8_100],
  ['terminated', 2_000, 8_100],
  ['terminated;reason=giveup;retry-after=120', 120_000, 121_000],
  ['terminated;reason=rejected', 1_800_000, 1_801_000],
] as const) {
  test(`${state}: subscribed anew after ${least} ms`, (t) => {
    const { clock, subscribes, notify, told } = subscribed();
    notify(state);
    clock.run(least - 100);
    t.is(subscribes().length, 1);
    clock.run(most - least + 100);
    t.is(subscribes().length, 2);
    t.not(subscribes()[1]?.callId, subscribes()[0]?.callId);
    t.is(told().includes('refused'), state.includes('rejected'));
  });
}

test('nobody answers: tried again with growing pauses, never more than half an hour apart', (t) => {
  const { clock, monitor, subscribes } = house();
  const times: number[] = [];
  const began = clock.now;
  monitor(URI);
  for (let minutes = 0; minutes < 24 * 60; minutes += 1) {
    const before = new Set(subscribes().map(({ callId }) => callId)).size;
    clock.run(60_000);
    if (new Set(subscribes().map(({ callId }) => callId)).size > before) times.push(clock.now - began);
  }
  const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  t.true(times.length > 40 && times.length < 80, String(times.length));
  t.true(Math.max(...pauses) <= 1_900_000, String(Math.max(...pauses)));
});

test('who does not want us is told of, and asked again in half an hour', (t) => {
  const { clock, answer, monitor, subscribes, told } = house();
  answer(403);
  monitor(URI);
  clock.run(1_700_000);
  t.deepEqual([subscribes().length, told()], [1, ['refused']]);
  clock.run(200_000);
  t.is(subscribes().length, 2);
});

test('a pause that the server asks for is kept to, and a longer time granted to who asks for it', (t) => {
  const later = house();
  later.answer(503, ['Retry-After', '300']);
  later.monitor(URI);
  later.clock.run(290_000);
  t.is(later.subscribes().length, 1);
  later.clock.run(20_000);
  t.is(later.subscribes().length, 2);
  const brief = house();
  brief.answer(423, ['Min-Expires', '7200']);
  brief.monitor(URI);
  brief.clock.run(1_000);
  t.is(brief.subscribes().at(-1)?.first('expires'), '7200');
});

test('a notifier that has forgotten us at the refresh gets a new subscription', (t) => {
  const { clock, answer, subscribes } = subscribed('600');
  answer(481);
  clock.run(541_000);
  t.is(new Set(subscribes().map(({ callId }) => callId)).size, 2);
});

test('a stranger without our tag is not heard, one of another fork or package refused', (t) => {
  const { notify, stranger, server, told, clock } = subscribed();
  notify('active', 'ETag: "2"', stranger, { toTag: 'guessed' });
  notify('active', 'ETag: "2"', stranger, { callId: 'guessed' });
  notify('active', 'ETag: "2"', stranger, { fromTag: 'fork' });
  t.deepEqual(stranger.statuses('NOTIFY'), [481, 481]);
  const last = server.heard.findLast(({ method }) => method === 'SUBSCRIBE');
  server.ask({
    ...{ method: 'NOTIFY', fromTag: TAG, toTag: last?.fromTag ?? '', callId: last?.callId ?? '', cseq: 900 },
    headers: [['Event', 'presence']],
  });
  clock.run(50);
  t.is(server.statuses('NOTIFY').at(-1), 489);
  t.is(told().length, 1);
});

test('other addresses: subscribed anew; no longer wanted, or shut down: unsubscribed', (t) => {
  const { clock, alice, subscribes, monitor, notify, server } = subscribed();
  alice.command({ kind: 'network-changed', attachment: 'x', addresses: ['192.0.2.1'] });
  clock.run(100);
  t.is(subscribes().length, 2);
  notify('active');
  monitor();
  clock.run(100);
  t.is(subscribes().at(-1)?.first('expires'), '0');
  notify('terminated;reason=timeout');
  t.deepEqual(server.statuses('NOTIFY'), [200, 200, 200]);
  clock.run(10_000_000);
  t.is(subscribes().length, 3);
  monitor(URI);
  clock.run(100);
  alice.command({ kind: 'shut-down' });
  clock.run(40_000);
  t.is(subscribes().at(-1)?.first('expires'), '0');
  t.true(Object.values(alice.agent.load).every((count) => count === 0));
});

test('what is no SIP URI is not subscribed to, and of many a few', (t) => {
  const { clock, monitor, subscribes } = house();
  monitor('http://192.0.2.9/', 'sip:', 'sip:x@192.0.2.9\r\nEvil: 1', 'tel:1');
  clock.run(100);
  t.is(subscribes().length, 0);
  monitor(...Array.from({ length: 50 }, (_, i) => `sip:c${i}@192.0.2.9`));
  clock.run(100);
  t.is(new Set(subscribes().map(({ uri }) => uri)).size, 4);
});

test('100 000 damaged notifications leave a subscription that is kept', (t) => {
  const { clock, alice, server, subscribes } = subscribed();
  const last = subscribes().at(-1) as SipMessage;
  const states = ['active;expires=3600', 'terminated;reason=giveup;retry-after=9', 'pending'];
  const seeds = states.map((state, at) =>
    Buffer.from(
      server.text({
        ...{ method: 'NOTIFY', fromTag: TAG, toTag: last.fromTag ?? '', callId: last.callId, cseq: 10 + at },
        ...{
          body: 'ETag: "2"\r\n',
          headers: [
            ['Event', 'http-monitor'],
            ['Subscription-State', state],
          ],
        },
      }),
    ),
  );
  alice.keeps = false;
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 3)) {
    if (readMessage(octets)?.method === 'NOTIFY') read += 1;
    alice.command({ kind: 'received', octets, flow: alice.flowTo(server.local) });
  }
  t.true(read > 50_000);
  const before = subscribes().length;
  clock.run(7_200_000);
  t.true(subscribes().length > before);
});
