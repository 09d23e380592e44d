/**
 * A thousand calls between two user agents over a network that loses, doubles and reorders datagrams, up to three in
 * ten of each: every call ends, on both sides as RFC 3261 says, and nothing is left behind.
 */
import test from 'ava';
import type { EndCause, SipEvent } from '#sip/types.ts';
import { seededRandom } from '../support/mutate.ts';
import { Pair, type Side } from '../support/pair.ts';

const CALLS = 1000;

/** What somebody does with a call, in ms from its beginning; Infinity: never. */
interface Fate {
  readonly rings: number;
  readonly answers: number;
  readonly rejects: number;
  readonly callerLeaves: number;
  readonly calleeLeaves: number;
  readonly reinvites: readonly { readonly who: 'caller' | 'callee'; readonly at: number }[];
  readonly offerless: boolean;
}

const never = Number.POSITIVE_INFINITY;

function fateOf(roll: () => number): Fate {
  const story = roll();
  const answers = 500 + 8000 * roll();
  const talk = 40_000 + 60_000 * roll();
  const leaves = roll() < 0.5;
  return {
    rings: 300 * roll(),
    answers: story < 0.75 ? answers : never,
    rejects: story >= 0.75 && story < 0.85 ? answers : never,
    // Three in twenty give up while it rings, or just as it is answered.
    callerLeaves: story >= 0.85 ? 9000 * roll() : leaves ? answers + talk : never,
    calleeLeaves: leaves ? never : answers + talk,
    reinvites: [1, 2]
      .slice(0, Math.floor(roll() * 3))
      .map(() => ({ who: roll() < 0.5 ? 'caller' : 'callee', at: answers + talk * roll() }) as const),
    offerless: roll() < 0.1,
  };
}

/** A call as one side has seen it. */
interface Seen {
  readonly id: string;
  established: boolean;
  cause: EndCause | undefined;
}

class Town {
  readonly pair: Pair;
  readonly fates: Fate[] = [];
  /** By number of the call. */
  readonly callers = new Map<number, Seen>();
  readonly callees = new Map<number, Seen>();
  readonly errors: string[] = [];
  readonly #byName = new Map<string, Seen>();

  constructor(trouble: number, seed: number) {
    this.pair = new Pair({ latency: 20, loss: trouble, duplication: trouble, reordering: trouble, seed });
    const { pair, fates } = this;
    const roll = seededRandom(seed + 1);
    for (const side of [pair.alice, pair.bob]) {
      side.keeps = false;
      side.on = (event) => this.#note(event);
    }
    for (let i = 0; i < CALLS; i++) {
      const fate = fateOf(roll);
      fates.push(fate);
      pair.clock.after(100_000 * roll(), () => this.#dial(i, fate));
    }
  }

  #note(event: SipEvent): void {
    if (event.kind === 'incoming') this.#receive(event.call, event.to.uri);
    if (!('call' in event)) return;
    const seen = this.#byName.get(event.call);
    if (seen === undefined || seen.cause !== undefined)
      this.errors.push(`${event.kind} of a call that is none`);
    else if (event.kind === 'ended') seen.cause = event.cause;
    else if (event.kind === 'established') {
      if (seen.established) this.errors.push('established twice');
      seen.established = true;
    }
  }

  #see(side: Map<number, Seen>, i: number, id: string): void {
    const seen: Seen = { id, established: false, cause: undefined };
    if (side.has(i)) this.errors.push(`call ${i} rang twice`);
    side.set(i, seen);
    this.#byName.set(id, seen);
  }

  #dial(i: number, fate: Fate): void {
    const call = `call-${i}`;
    const { alice, clock, bob } = this.pair;
    this.#see(this.callers, i, call);
    alice.command({ kind: 'call', call, to: `sip:${i}@${bob.local.address}`, offerless: fate.offerless });
    if (fate.callerLeaves < never)
      clock.after(fate.callerLeaves, () => alice.command({ kind: 'hang-up', call }));
    this.#reinvite(alice, call, 'caller', fate);
  }

  #receive(call: string, to: string): void {
    const { bob, clock } = this.pair;
    const i = Number(/^sip:(\d+)@/.exec(to)?.[1]);
    const fate = this.fates[i];
    if (fate === undefined) throw new Error(`nobody called ${to}`);
    this.#see(this.callees, i, call);
    const at = (ms: number, kind: 'ring' | 'accept' | 'hang-up') => {
      if (ms < never) clock.after(ms, () => bob.command({ kind, call }));
    };
    at(fate.rings, 'ring');
    at(fate.answers, 'accept');
    at(fate.calleeLeaves, 'hang-up');
    if (fate.rejects < never)
      clock.after(fate.rejects, () => bob.command({ kind: 'reject', call, status: 486 }));
    this.#reinvite(bob, call, 'callee', fate);
  }

  #reinvite(side: Side, call: string, who: 'caller' | 'callee', fate: Fate): void {
    for (const one of fate.reinvites)
      if (one.who === who) this.pair.clock.after(one.at, () => side.command({ kind: 'reinvite', call }));
  }

  /** What does not fit together of a call's two ends. */
  verdict(i: number): string | undefined {
    const caller = this.callers.get(i);
    const callee = this.callees.get(i);
    const fate = this.fates[i];
    if (caller?.cause === undefined || fate === undefined) return 'the caller never came to an end';
    // No call reaches 32 s of loss here but by lightning; whoever hung up before ringing may never have rung.
    if (callee === undefined)
      return caller.cause.by === 'us' || caller.cause.status === 408 ? undefined : 'never rang';
    if (callee.cause === undefined) return 'the callee never came to an end';
    if (fate.rejects < never && caller.established) return 'established though refused';
    if (caller.established && fate.answers === never) return 'established though never answered';
    if (callee.established && !caller.established && caller.cause.by !== 'us')
      return 'established at one end only';
    if (caller.cause.by === 'peer' && callee.cause.by === 'peer' && !met(caller, callee))
      return 'nobody ended it';
    return undefined;
  }
}

/** Both heard of the end from the other: a BYE was given up, or met a 481. */
function met(...ends: readonly Seen[]): boolean {
  return ends.some(({ cause }) => cause?.status === 481 || cause?.status === 408);
}

for (const [percent, least] of [
  [0, 740],
  [10, 700],
  [20, 700],
  [30, 700],
] as const) {
  test(`a thousand calls end as they should with ${percent} % of datagrams lost, doubled and overtaken`, (t) => {
    const town = new Town(percent / 100, 42 + percent);
    const { pair, callers } = town;
    pair.clock.settle(10_000_000);
    t.deepEqual(town.errors, []);
    t.is(callers.size, CALLS);
    t.deepEqual(
      [...callers.keys()].flatMap((i) => town.verdict(i) ?? []),
      [],
    );
    t.is(pair.wire.lost > 0, percent > 0);
    t.is(pair.load, 0);
    t.is(pair.clock.deadline, never);
    const established = [...callers.values()].filter((one) => one.established).length;
    t.true(established >= least, `${established} established`);
  });
}
