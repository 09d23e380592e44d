/** When the tunnel is open: the table of fallback.ts, and its timers to the end. */
import test from 'ava';
import {
  Fallback,
  type FallbackEffect,
  type FallbackInput,
  type FallbackMode,
  type FallbackOptions,
} from '#address/fallback.ts';
import { Clock } from '../support/clock.ts';

const ROUTER = '192.0.2.1:25790';
const OTHER = '192.0.2.2:25790';

class World {
  readonly clock = new Clock();
  readonly machine: Fallback;
  /** `open 192.0.2.1:25790`, `look-up` …, in order. */
  done: string[] = [];
  ticket = 0;
  readonly give: (input: FallbackInput) => void;
  #network = { native6: false, ipv4: true, place: 'home' };

  constructor(options: Partial<FallbackOptions> = {}) {
    this.machine = new Fallback({ mode: 'auto', routers: [ROUTER], ...options });
    this.give = this.clock.drive<FallbackInput, FallbackEffect>(this.machine, (effect) => {
      this.done.push(effect.kind === 'open' ? `open ${effect.routers.join(' ')}` : effect.kind);
      if (effect.kind === 'look-up') this.ticket = effect.ticket;
    });
  }

  network(change: Partial<{ native6: boolean; ipv4: boolean; place: string }> = {}): this {
    this.#network = { ...this.#network, ...change };
    this.give({ kind: 'network', ...this.#network });
    return this;
  }

  answer(routers: readonly string[] | undefined, ticket = this.ticket): void {
    this.give({ kind: 'routers', ticket, ...(routers === undefined ? {} : { routers }) });
  }

  get why(): string {
    return this.machine.state.why;
  }

  /** What has been done since the last look. */
  take(): string[] {
    const { done } = this;
    this.done = [];
    return done;
  }
}

const TABLE: readonly (readonly [
  mode: FallbackMode,
  native6: boolean,
  ipv4: boolean,
  open: boolean,
  why: string,
])[] = [
  ['off', false, true, false, 'switched-off'],
  ['off', true, true, false, 'switched-off'],
  ['auto', false, true, true, 'missing'],
  ['auto', true, true, false, 'native'],
  ['auto', false, false, false, 'no-ipv4'],
  ['always', false, true, true, 'missing'],
  ['always', true, true, true, 'always'],
  ['always', true, false, false, 'no-ipv4'],
];

for (const [mode, native6, ipv4, open, why] of TABLE) {
  const has = `${native6 ? 'with' : 'without'} native IPv6 and ${ipv4 ? 'with' : 'without'} IPv4`;
  test(`mode ${mode} ${has}: the tunnel is ${open ? 'open' : 'closed'} (${why})`, (t) => {
    const world = new World({ mode }).network({ native6, ipv4 });
    t.deepEqual(world.take(), open ? [`open ${ROUTER}`] : []);
    t.is(world.machine.state.open, open);
    t.is(world.why, why);
  });
}

test('nothing is done and nothing is due before the network is known', (t) => {
  const world = new World();
  t.is(world.machine.deadline, Number.POSITIVE_INFINITY);
  world.give({ kind: 'tick' });
  t.deepEqual(world.take(), []);
});

test('IPv6 over which nobody answers for 60 s counts as missing until somebody does', (t) => {
  const world = new World().network({ native6: true });
  world.give({ kind: 'sent' });
  world.clock.run(30_000);
  world.give({ kind: 'sent' });
  world.clock.run(29_999);
  t.deepEqual(world.take(), []);
  t.false(world.machine.silent);
  world.clock.run(1);
  t.deepEqual(world.take(), [`open ${ROUTER}`]);
  t.true(world.machine.silent);
  t.is(world.why, 'silent');
  world.clock.run(3_600_000);
  t.deepEqual(world.take(), []);
  world.give({ kind: 'heard' });
  t.deepEqual(world.take(), ['close']);
  t.is(world.why, 'native');
});

test('an answer in time starts the 60 s anew, and silence without asking means nothing', (t) => {
  const world = new World().network({ native6: true });
  world.give({ kind: 'sent' });
  world.clock.run(59_000);
  world.give({ kind: 'heard' });
  world.clock.run(600_000);
  world.give({ kind: 'sent' });
  world.clock.run(59_999);
  t.deepEqual(world.take(), []);
});

test('on another network the silence of the last one is forgotten', (t) => {
  const world = new World().network({ native6: true });
  world.give({ kind: 'sent' });
  world.clock.run(61_000);
  t.deepEqual(world.take(), [`open ${ROUTER}`]);
  world.network({ place: 'work' });
  t.false(world.machine.silent);
  t.is(world.take()[0], 'renew');
});

test('IPv6 that arrives takes over when it has answered', (t) => {
  const world = new World().network();
  t.deepEqual(world.take(), [`open ${ROUTER}`]);
  world.network({ native6: true, place: 'home with IPv6' });
  t.deepEqual(world.take(), ['renew']);
  t.true(world.machine.handingOver);
  world.give({ kind: 'sent' });
  world.give({ kind: 'heard' });
  t.deepEqual(world.take(), ['close']);
  t.false(world.machine.handingOver);
});

test('IPv6 that arrives and is not used takes over after 30 s', (t) => {
  const world = new World().network();
  world.network({ native6: true });
  world.take();
  world.clock.run(29_999);
  t.deepEqual(world.take(), []);
  world.clock.run(1);
  t.deepEqual(world.take(), ['close']);
});

test('a call through the tunnel keeps it open until it has ended', (t) => {
  const world = new World().network();
  world.give({ kind: 'use', inUse: true });
  world.network({ native6: true });
  world.give({ kind: 'heard' });
  world.clock.run(600_000);
  t.deepEqual(world.take(), [`open ${ROUTER}`]);
  t.is(world.why, 'handover');
  world.give({ kind: 'use', inUse: false });
  t.deepEqual(world.take(), ['close']);
});

test('IPv6 that leaves opens the tunnel at once', (t) => {
  const world = new World().network({ native6: true });
  world.network({ native6: false, place: 'home without IPv6' });
  t.deepEqual(world.take(), [`open ${ROUTER}`]);
});

test('routers that nobody knows are asked for half a minute later and ever more seldom, an hour at most', (t) => {
  const world = new World({ routers: [] }).network();
  const pauses: number[] = [];
  let last = world.clock.now;
  for (let question = 0; question < 10; question++) {
    t.is(world.why, question === 0 ? 'looking' : 'no-router');
    world.clock.step();
    t.deepEqual(world.take(), ['look-up']);
    pauses.push(world.clock.now - last);
    last = world.clock.now;
    t.is(world.machine.deadline, Number.POSITIVE_INFINITY);
    world.answer([]);
  }
  t.deepEqual(
    pauses,
    [500, 30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, 3_600_000, 3_600_000],
  );
  t.true(world.machine.state.wanted);
  t.false(world.machine.state.open);
});

test('what DNS finds is opened, asked for every hour, and opened anew when it is another', (t) => {
  const world = new World({ routers: [] }).network();
  world.clock.run(500);
  world.answer([ROUTER]);
  t.deepEqual(world.take(), ['look-up', `open ${ROUTER}`]);
  world.clock.run(3_599_999);
  t.deepEqual(world.take(), []);
  world.clock.run(1);
  t.deepEqual(world.take(), ['look-up']);
  world.answer([ROUTER]);
  t.deepEqual(world.take(), []);
  world.clock.run(3_600_000);
  world.answer(undefined);
  t.deepEqual(world.take(), ['look-up'], 'no answer changes nothing');
  world.clock.run(3_600_000);
  world.answer([ROUTER, OTHER]);
  t.deepEqual(world.take(), ['look-up', `open ${ROUTER} ${OTHER}`]);
  world.clock.run(3_600_000);
  world.answer([]);
  world.clock.run(300_000);
  world.answer([]);
  t.deepEqual(world.take(), ['look-up', 'look-up', 'close']);
  t.is(world.why, 'no-router');
});

/** Open by a router that DNS named. */
function found(): World {
  const world = new World({ routers: [] }).network();
  world.clock.run(500);
  world.answer([ROUTER]);
  world.take();
  return world;
}

test('one answer without routers changes nothing, and a second one only minutes later', (t) => {
  const world = found();
  world.clock.run(3_600_000);
  world.answer([]);
  t.deepEqual(world.take(), ['look-up']);
  t.is(world.why, 'missing');
  world.network({ place: 'the same with another address' });
  world.clock.run(500);
  world.answer([]);
  t.deepEqual(world.take(), ['renew', 'look-up'], 'too soon to count');
  world.clock.run(300_000);
  world.answer([ROUTER]);
  world.clock.run(3_600_000);
  world.answer([]);
  t.deepEqual(world.take(), ['look-up', 'look-up'], 'it was there between the two');
});

test('a call keeps a tunnel whose router DNS names no more, and one look after the call closes it', (t) => {
  const world = found();
  world.give({ kind: 'use', inUse: true });
  world.clock.run(3_600_000);
  for (let answer = 0; answer < 10; answer++) {
    world.answer([]);
    world.clock.run(300_000);
  }
  t.deepEqual(world.take(), Array(11).fill('look-up'));
  world.give({ kind: 'use', inUse: false });
  world.answer([]);
  t.deepEqual(world.take(), ['close']);
});

test('the same routers in another order, as DNS likes to tell them, change nothing', (t) => {
  const world = new World({ routers: [] }).network();
  world.clock.run(500);
  world.answer([ROUTER, OTHER]);
  t.deepEqual(world.take(), ['look-up', `open ${ROUTER} ${OTHER}`]);
  world.clock.run(3_600_000);
  world.answer([OTHER, ROUTER]);
  t.deepEqual(world.take(), ['look-up']);
  world.clock.run(3_600_000);
  world.answer([OTHER]);
  t.deepEqual(world.take(), ['look-up', `open ${OTHER}`]);
});

test('another network is asked at once, and the answer of the last one comes too late', (t) => {
  const world = new World({ routers: [] }).network();
  world.clock.run(500);
  const old = world.ticket;
  world.network({ place: 'work' });
  world.answer([OTHER], old);
  t.deepEqual(world.take(), ['look-up']);
  world.clock.run(500);
  t.deepEqual(world.take(), ['look-up']);
  world.answer([ROUTER]);
  t.deepEqual(world.take(), [`open ${ROUTER}`]);
});

test('with native IPv6, or switched off, nobody is asked', (t) => {
  for (const [mode, native6] of [
    ['auto', true],
    ['off', false],
  ] as const) {
    const world = new World({ mode, routers: [] }).network({ native6 });
    world.clock.run(7_200_000);
    t.deepEqual(world.take(), []);
    t.is(world.machine.deadline, Number.POSITIVE_INFINITY);
  }
});

test('the list of the image serves where DNS knows none', (t) => {
  const world = new World({ routers: [], image: [OTHER] }).network();
  t.deepEqual(world.take(), [`open ${OTHER}`]);
  world.clock.run(500);
  world.answer([ROUTER]);
  t.deepEqual(world.take(), ['look-up', `open ${ROUTER}`]);
});
