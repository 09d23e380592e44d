/** Bad input leaves nothing behind: after two hundred thousand damaged messages memory is what it was before. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { StreamFramer } from '#sip/message/framing.ts';
import type { Flow, SipEffect, SipInput } from '#sip/types.ts';
import { UserAgent } from '#sip/user_agent.ts';
import { mutations } from '../support/mutate.ts';
import { tokens } from '../support/pair.ts';
import { ALL_OCTETS } from './vectors.ts';

const COUNT = 200_000;
/** Until then caches fill, code is compiled, and as many calls ring and end as ever will at once. */
const WARM = 40_000;
/** Octets by which memory in use may differ: 25 for each message in between, less than any key or timer kept. */
const SLACK = 4_000_000;
const SEED = 183;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Octets in use, garbage not counted. The buffers of a collection are given back by the time of the next. */
function inUse(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Feeds all damaged messages and compares memory at the end with that when everything was warm. */
function steady(t: ExecutionContext, feed: (octets: Uint8Array) => void): void {
  let warm = 0;
  let fed = 0;
  for (const octets of mutations(ALL_OCTETS, COUNT, SEED)) {
    feed(octets);
    fed += 1;
    if (fed === WARM) warm = inUse();
  }
  const grown = inUse() - warm;
  t.true(grown < SLACK, `${grown} octets more after ${COUNT} messages than after ${WARM}`);
}

const FLOW: Flow = {
  transport: 'udp',
  local: { family: 4, address: '192.0.2.2', port: 5060 },
  remote: { family: 4, address: '192.0.2.7', port: 5060 },
};

/** What the telephone would say to an effect: every second call is answered, the others ring on. */
function replyTo(effect: SipEffect, count: number): SipInput | undefined {
  switch (effect.kind) {
    case 'incoming':
      return { kind: count % 2 === 0 ? 'accept' : 'ring', call: effect.call };
    case 'describe':
      return { kind: 'described', call: effect.call, sdp: 'v=0' };
    case 'locate':
      return { kind: 'located', ticket: effect.ticket, groups: [], error: 'nowhere' };
    default:
      return undefined;
  }
}

test('the user agent', (t) => {
  const agent = new UserAgent({
    accounts: [],
    contactUser: 'token',
    name: '',
    extension: '204',
    random: tokens('agent'),
    userAgent: 'test',
    admission: { acceptFrom: 'anyone', allow: [] },
  });
  let now = 0;
  let count = 0;
  let rang = 0;
  const give = (input: SipInput): void => {
    for (const effect of agent.handle(input, now)) {
      if (effect.kind === 'incoming') rang += 1;
      const reply = replyTo(effect, count);
      if (reply !== undefined) give(reply);
    }
  };
  steady(t, (octets) => {
    now += 50;
    count += 1;
    give({ kind: 'received', flow: FLOW, octets });
    while (agent.deadline <= now) give({ kind: 'tick' });
  });
  t.true(rang > 500, `${rang} calls rang`);
});

test('streams, each broken one followed by another', (t) => {
  let framer = new StreamFramer();
  let broken = 0;
  steady(t, (octets) => {
    framer.push(octets);
    if (framer.broken === undefined) return;
    broken += 1;
    framer = new StreamFramer();
  });
  t.true(broken > 100, `${broken} broken`);
});

test('streams that never end a message, open all at once', (t) => {
  const before = inUse();
  const framers = Array.from({ length: 500 }, () => new StreamFramer());
  const chunk = Buffer.from('X-Field: of a header part that never ends\r\n'.repeat(20));
  for (let i = 0; i < 400; i += 1) for (const framer of framers) framer.push(chunk);
  t.true(framers.every(({ broken }) => broken !== undefined));
  t.true(inUse() - before < SLACK);
});
