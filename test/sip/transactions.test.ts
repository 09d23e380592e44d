/** The transaction layer as a whole: where responses go, how much it holds, and calls over a bad network. */
import test from 'ava';
import fc from 'fast-check';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { parseVia } from '#sip/message/via.ts';
import { clientKey, serverKey } from '#sip/transaction/match.ts';
import { responseFlow, topVia } from '#sip/transaction/response_flow.ts';
import { type TransactionEvent, Transactions } from '#sip/transaction/transactions.ts';
import type { Flow, Transport } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';
import { flowOver, request, response, Stand } from '../support/transaction_stand.ts';

/** Source port of the peer, other than what its Via says. */
const NATTED = 40_000;

for (const [transport, via, port] of [
  ['udp', 'SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bKa;rport', NATTED],
  ['udp', 'SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bKa', 5070],
  ['udp', 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKa', 5060],
  ['udp', 'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;maddr=203.0.113.1', 5070],
  ['tcp', 'SIP/2.0/TCP 192.0.2.2:5070;branch=z9hG4bKa', NATTED],
] as const) {
  test(`the responses to a request over ${transport} with Via ${via} go to port ${port} of its source`, (t) => {
    const stand = new Stand(transport);
    const invite = request('INVITE', { via });
    const flow = flowOver(transport, NATTED);
    stand.receive(invite, flow);
    stand.respond(invite, 180);
    const expected: Flow = { ...flow, remote: { ...flow.remote, port } };
    t.deepEqual(stand.sentOver, [expected, expected]);
  });
}

test('the top Via of the 100 says where the INVITE came from', (t) => {
  for (const [via, expected] of [
    ['SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bKa', 'SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bKa'],
    ['SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=192.0.2.2'],
    [
      'SIP/2.0/UDP 192.0.2.2;received=203.0.113.1;branch=z9hG4bKa',
      'SIP/2.0/UDP 192.0.2.2;received=192.0.2.2;branch=z9hG4bKa',
    ],
    [
      'SIP/2.0/UDP 192.0.2.2;rport;branch=z9hG4bKa',
      'SIP/2.0/UDP 192.0.2.2;rport=40000;branch=z9hG4bKa;received=192.0.2.2',
    ],
  ] as const) {
    const stand = new Stand();
    stand.receive(request('INVITE', { via }), flowOver('udp', NATTED));
    t.is(stand.sent[0]?.first('via'), expected);
  }
});

test('received is an IPv6 address without brackets and zone, and needless where sent-by says the same', (t) => {
  const remote = { family: 6, address: 'fe80::2%eth0', port: 5060 } as const;
  const flow: Flow = { transport: 'udp', local: { ...remote, address: 'fe80::1%eth0' }, remote };
  t.deepEqual(topVia(parseVia('SIP/2.0/UDP [fe80::2];branch=z9hG4bKa'), flow), {});
  t.deepEqual(topVia(parseVia('SIP/2.0/UDP phone;branch=z9hG4bKa'), flow), { received: 'fe80::2' });
});

test('a request without a readable Via is answered where it came from', (t) => {
  const flow = flowOver('udp', NATTED);
  t.is(responseFlow(undefined, flow), flow);
});

test('at its limit the layer drops new requests, counts them and still serves the old ones', (t) => {
  const stand = new Stand('udp', { limit: 2 });
  const [first, second, third] = ['a', 'b', 'c'].map((callId) =>
    request('INVITE', { branch: `z9hG4bK${callId}`, callId }),
  ) as [SipMessage, SipMessage, SipMessage];
  stand.receive(first);
  stand.receive(second);
  void stand.log;
  stand.receive(third);
  stand.receive(first);
  t.deepEqual(stand.said, ['dropped transaction-limit', 'send 100']);
  stand.respond(first, 486);
  stand.receive(request('ACK', { branch: 'z9hG4bKa', callId: 'a', toTag: 'b' }));
  stand.receive(request('ACK', { branch: 'z9hG4bKnone', callId: 'z', toTag: 'b' }));
  stand.clock.settle();
  t.deepEqual(stand.said, ['send 486', 'confirmed', 'ack', 'terminated']);
  stand.receive(third);
  t.deepEqual(stand.said, ['send 100', 'request INVITE']);
});

test('what has no transaction is reported or ignored, never invented', (t) => {
  const stand = new Stand();
  stand.receive(response(request('INVITE'), 200));
  stand.receive(request('ACK'));
  stand.breakTransport('nobody');
  stand.abandon('nobody');
  stand.respond(request('OPTIONS'), 200);
  t.deepEqual(stand.said, ['stray-response 200', 'ack']);
  t.true(stand.empty);
});

test('the same request of ours given twice is sent once', (t) => {
  const stand = new Stand('tcp');
  stand.start(request('CANCEL'));
  stand.start(request('CANCEL'));
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 send CANCEL', '32000 timeout', '32000 terminated']);
  t.true(stand.empty);
});

const METHODS = ['INVITE', 'ACK', 'CANCEL', 'OPTIONS'] as const;
const STATUSES = [100, 180, 200, 401, 408, 600] as const;
const BRANCHES = ['z9hG4bKa', 'z9hG4bKb', '1', ''] as const;

test('whatever comes in whatever order, nothing is left once everybody has given up', (t) => {
  const step = fc.record({
    what: fc.constantFrom('receive', 'start', 'hear', 'respond', 'break', 'abandon', 'wait'),
    method: fc.constantFrom(...METHODS),
    status: fc.constantFrom(...STATUSES),
    branch: fc.constantFrom(...BRANCHES),
    toTag: fc.constantFrom(undefined, 'b'),
    ms: fc.nat(40_000),
  });
  const script = fc.array(step, { maxLength: 40 });
  fc.assert(
    fc.property(fc.constantFrom<Transport>('udp', 'tcp'), script, (transport, steps) => {
      const stand = new Stand(transport);
      for (const { what, method, status, branch, toTag, ms } of steps) {
        const message = request(method, { branch, ...(toTag === undefined ? {} : { toTag }) });
        if (what === 'receive') stand.receive(message);
        else if (what === 'start' && method !== 'ACK') stand.start(message);
        else if (what === 'hear') stand.receive(response(message, status));
        else if (what === 'respond') stand.respond(message, status);
        else if (what === 'break') stand.breakTransport(ms % 2 ? serverKey(message) : clientKey(message));
        else if (what === 'abandon') stand.abandon(clientKey(message));
        else if (what === 'wait') stand.clock.run(ms);
      }
      for (const event of stand.events) {
        if (event.kind === 'request') stand.respond(event.message, 500);
        else if (event.kind === 'response') stand.abandon(event.key);
      }
      stand.clock.settle();
      return stand.empty && alternating(stand.events);
    }),
  );
  t.pass();
});

/** After its end a transaction says nothing, unless it is made anew. */
function alternating(events: readonly TransactionEvent[]): boolean {
  const ended = new Set<string>();
  return events.every((event) => {
    const key = event.kind === 'send' ? event.ref : 'key' in event ? event.key : undefined;
    if (key === undefined) return true;
    if (event.kind === 'terminated') return !ended.has(key) && ended.add(key) !== undefined;
    if (event.kind === 'send' || event.kind === 'request' || event.kind === 'cancel') ended.delete(key);
    return !ended.has(key);
  });
}

/** A generator of numbers in [0, 1) that repeats itself for the same seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Network {
  readonly transport: Transport;
  /** Chance of each datagram to be lost, and to come twice; 0–1. */
  readonly loss: number;
  readonly twice: number;
  /** Longest delay in ms; what is sent later may come earlier. */
  readonly delay: number;
}

/** Two layers and the network between them; what either says goes to its TU. */
class Line {
  readonly clock = new Clock();
  readonly client = new Transactions();
  readonly server = new Transactions();
  readonly toClient: (input: Parameters<Transactions['handle']>[0]) => void;
  readonly toServer: (input: Parameters<Transactions['handle']>[0]) => void;
  readonly #network: Network;
  readonly #chance: () => number;

  constructor(
    network: Network,
    seed: number,
    client: (event: TransactionEvent) => void,
    server: (event: TransactionEvent, line: Line) => void,
  ) {
    this.#network = network;
    this.#chance = dice(seed);
    this.toClient = this.clock.drive(this.client, (event) => {
      if (event.kind === 'send') this.#carry(event.octets, () => this.toServer);
      else client(event);
    });
    this.toServer = this.clock.drive(this.server, (event) => {
      if (event.kind === 'send') this.#carry(event.octets, () => this.toClient);
      else server(event, this);
    });
  }

  #carry(octets: Uint8Array, to: () => Line['toClient']): void {
    const { transport, loss, twice, delay } = this.#network;
    const copies = this.#chance() < loss ? 0 : this.#chance() < twice ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.clock.after(this.#chance() * delay, () => {
        const message = readMessage(octets);
        if (message !== undefined) to()({ kind: 'received', message, flow: flowOver(transport) });
      });
    }
  }
}

const BAD: Network = { transport: 'udp', loss: 0.3, twice: 0.3, delay: 400 };
const GOOD: Network = { transport: 'tcp', loss: 0, twice: 0, delay: 50 };

/** Sends `method` over the network to a TU that answers with `status` after `think` ms; says what each TU heard. */
function exchange(network: Network, seed: number, method: string, status: number, think: number) {
  const heard = { client: [] as string[], server: [] as string[] };
  const line: Line = new Line(
    network,
    seed,
    (event) => heard.client.push(event.kind === 'response' ? `${event.message.status}` : event.kind),
    (event, { clock, toServer }) => {
      heard.server.push(event.kind);
      if (event.kind !== 'request') return;
      const { key, message } = event;
      clock.after(think, () => toServer({ kind: 'respond', key, response: response(message, status) }));
    },
  );
  line.toClient({ kind: 'request', message: request(method), flow: flowOver(network.transport) });
  line.clock.settle();
  const rest = { size: line.client.size + line.server.size, deadline: line.clock.deadline };
  return { ...heard, rest, finals: heard.client.filter((what) => /^[2-6]\d\d$/.test(what)) };
}

const ROUNDS = 400;
const REST = { size: 0, deadline: Number.POSITIVE_INFINITY };

for (const [method, status] of [
  ['OPTIONS', 200],
  ['OPTIONS', 501],
  ['INVITE', 486],
] as const) {
  test(`through loss, duplication and reordering ${method} with ${status} is heard once at both ends`, (t) => {
    let failures = 0;
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const { client, server, rest, finals } = exchange(BAD, seed, method, status, (seed * 37) % 5000);
      t.deepEqual(rest, REST);
      t.true(server.filter((what) => what === 'request').length <= 1);
      t.deepEqual(
        server.filter((what) => what === 'ack' || what === 'cancel'),
        [],
      );
      t.is(client.at(-1), 'terminated');
      if (client.includes('timeout')) failures++;
      else t.deepEqual(finals, [`${status}`]);
    }
    // Each of some ten attempts fails with probability 0.51: one exchange in a thousand may die of it.
    t.true(failures <= ROUNDS / 100, `${failures} timeouts`);
  });
}

test('through loss a 2xx to INVITE never reaches the TU unasked and the layers come to rest', (t) => {
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const { client, server, rest } = exchange(BAD, seed, 'INVITE', 200, (seed * 37) % 5000);
    t.deepEqual(rest, { ...REST, size: client.at(-1) === 'terminated' ? 0 : 1 });
    // One INVITE in some thousands loses all seven of its attempts.
    if (!client.includes('timeout')) t.deepEqual(server, ['request', 'terminated']);
    t.deepEqual(
      client.filter((what) => what === 'stray-response' || what === 'failed'),
      [],
    );
  }
});

test('over a reliable transport every exchange is as short as can be', (t) => {
  for (const [method, status, client, server] of [
    ['OPTIONS', 200, ['200', 'terminated'], ['request', 'terminated']],
    ['INVITE', 486, ['100', '486', 'terminated'], ['request', 'confirmed', 'terminated']],
    ['INVITE', 200, ['100', '200', 'terminated'], ['request', 'terminated']],
  ] as const) {
    const result = exchange({ ...GOOD, delay: 0 }, 1, method, status, 1000);
    t.deepEqual([result.client, result.server, result.rest], [client, server, REST] as never);
  }
});

test('a network that loses everything ends in one timeout and nothing left', (t) => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const { client, server, rest } = exchange({ ...BAD, loss: 1 }, 1, method, 200, 0);
    t.deepEqual([client, server, rest], [['timeout', 'terminated'], [], REST] as never);
  }
});
