/**
 * One request, one server: however the paths are, no living server sees a second branch of a request while another
 * has answered the first.
 */
import test from 'ava';
import fc from 'fast-check';
import type { SipMessage } from '#sip/message/message.ts';
import type { Transport } from '#sip/types.ts';
import { DualStack, type Fate, type Seen } from '../support/dual_stack.ts';

interface PathText {
  readonly fate: Fate;
  readonly rtt: number;
}

interface World {
  readonly seed: number;
  readonly transport: Transport;
  readonly method: 'REGISTER' | 'INVITE';
  readonly loss: number;
  /** ms that a server takes for a REGISTER. */
  readonly thinks: number;
  readonly answersOptions: boolean;
  /** IPv6 and IPv4 of each server. */
  readonly paths: readonly (readonly [PathText, PathText])[];
}

const aPath = (slowest: number): fc.Arbitrary<PathText> =>
  fc.record({
    fate: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Fate>('alive') },
      { weight: 1, arbitrary: fc.constantFrom<Fate>('black-hole', 'prohibited', 'refused') },
    ),
    rtt: fc.integer({ min: 1, max: slowest }),
  });

const aWorld = (limits: { loss: number; rtt: number; thinks: number }): fc.Arbitrary<World> =>
  fc.record({
    seed: fc.nat(1000),
    transport: fc.constantFrom<Transport>('udp', 'tcp'),
    method: fc.constantFrom('REGISTER', 'INVITE'),
    loss: fc.double({ min: 0, max: limits.loss, noNaN: true }),
    thinks: fc.integer({ min: 0, max: limits.thinks }),
    answersOptions: fc.constant(true),
    paths: fc.array(fc.tuple(aPath(limits.rtt), aPath(limits.rtt)), { minLength: 1, maxLength: 3 }),
  });

interface Outcome {
  readonly net: DualStack;
  readonly seen: readonly Seen[];
}

/** Three requests, far enough apart that what was learnt is fresh, and then old. */
function play({ seed, transport, method, loss, thinks, answersOptions, paths }: World): Outcome {
  const net = new DualStack({ seed });
  const servers = paths.map((pair, index) => {
    const server = net.server(index + 1);
    for (const [at, family] of [6, 4].entries())
      Object.assign(net.path(server, family as 4 | 6), { ...pair[at], loss });
    return Object.assign(server, { thinks: method === 'REGISTER' ? thinks : 2_000, answersOptions });
  });
  net.names.set(
    'server.example',
    servers.map((server) => net.flows(server, transport)),
  );
  for (const [turn, wait] of [1_000, 30_000, 100_000].entries()) {
    if (method === 'REGISTER') net.register();
    else net.call('sip:bob@server.example', `call${turn}`);
    net.clock.run(wait + 20_000, 20_000);
  }
  return { net, seen: servers.flatMap((server) => server.seen).sort((a, b) => a.at - b.at) };
}

/** The branches of each request, by whoever saw one of them. */
function branches({ seen }: Outcome): Map<string, Map<string, Seen>> {
  const found = new Map<string, Map<string, Seen>>();
  for (const one of seen) {
    const { message } = one;
    if (message.method === 'ACK' || message.method === 'CANCEL') continue;
    const key = `${message.callId} ${message.cseq?.number} ${message.method}`;
    const of = found.get(key) ?? new Map<string, Seen>();
    if (!of.has(message.via?.branch ?? '')) of.set(message.via?.branch ?? '', one);
    found.set(key, of);
  }
  return found;
}

function firstOfEachBranch<T extends { readonly message: SipMessage }>(sent: readonly T[]): T[] {
  const branch = ({ message }: T) => `${message.via?.branch} ${message.method}`;
  return sent.filter((one, index) => sent.findIndex((other) => branch(other) === branch(one)) === index);
}

test('without losses every request is seen by one server, under one branch', (t) => {
  fc.assert(
    fc.property(aWorld({ loss: 0, rtt: 340, thinks: 3_000 }), (world) => {
      for (const [request, of] of branches(play(world)))
        if (of.size > 1) throw new Error(`${request} was seen ${of.size} times`);
    }),
    { numRuns: 100, seed: 1 },
  );
  t.pass();
});

test('with losses no branch is sent once another one was answered', (t) => {
  fc.assert(
    fc.property(aWorld({ loss: 0.3, rtt: 600, thinks: 6_000 }), (world) => {
      const outcome = play(world);
      const { heard, sent } = outcome.net;
      const requests = sent.filter(({ message }) => message.kind === 'request');
      for (const { at, message } of firstOfEachBranch(requests)) {
        const { method, callId, cseq, via } = message;
        if (method === 'ACK' || method === 'CANCEL') continue;
        const same = (one: { readonly message: SipMessage }) =>
          one.message.callId === callId &&
          one.message.cseq?.number === cseq?.number &&
          one.message.method === method &&
          (message.toTag === undefined || one.message.toTag === message.toTag);
        const before = requests.filter((one) => same(one) && one.at < at).at(-1)?.message.via?.branch;
        const answered = heard.find(
          (one) =>
            one.at < at &&
            same(one) &&
            // An INVITE that was left before it was answered is cancelled.
            (method === 'INVITE' ? one.message.via?.branch === before : one.message.status >= 200),
        );
        if (answered !== undefined && answered.message.status !== 503)
          throw new Error(`${method} was answered before ${via?.branch}`);
      }
    }),
    { numRuns: 100, seed: 2 },
  );
  t.pass();
});

test('while anybody lives every request is answered, below 2 s where nothing is lost', (t) => {
  fc.assert(
    fc.property(aWorld({ loss: 0, rtt: 300, thinks: 0 }), fc.boolean(), (world, answersOptions) => {
      fc.pre(world.paths.flat().some(({ fate }) => fate === 'alive'));
      const { net, seen } = play({ ...world, answersOptions });
      const firsts = seen.filter(({ message }) => message.method === world.method);
      if (new Set(firsts.map(({ message }) => `${message.callId} ${message.cseq?.number}`)).size < 3)
        throw new Error('not every request was seen');
      const [first] = firsts;
      if (first !== undefined && answersOptions && first.at - 1_000_000 > 1_200)
        throw new Error(`cold after ${first.at - 1_000_000} ms`);
      if (net.cause?.by === 'network') throw new Error(net.cause.reason);
    }),
    { numRuns: 100, seed: 3 },
  );
  t.pass();
});
