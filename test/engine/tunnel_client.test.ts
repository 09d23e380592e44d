/** The tunnel's life beside that of its thread, which is a stand-in here; the clock jumps. */
import { mock } from 'node:test';
import test from 'ava';
import { Backlog, MOST_FROM_THREAD, MOST_TO_THREAD, newCells, type TunnelCells } from '#engine/backlog.ts';
import { TunnelClient } from '#engine/tunnel_client.ts';
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';
import { NEIGHBOUR, OPEN, OURS, ROUTER } from './tunnel_stand.ts';

const UP = {
  kind: 'tunnel',
  state: 'up',
  addresses: [OURS],
  router: ROUTER,
  direct: 3,
  relayed: 4,
} as const;
const SEND = {
  kind: 'tunnel-send',
  octets: new Uint8Array(400),
  local: OURS,
  remote: { family: 6, address: NEIGHBOUR, port: 5060 },
  ref: 'a',
} as const;

class Stand {
  /** Of the thread that runs; undefined: none does. */
  thread: TunnelCommand[] | undefined;
  cells: TunnelCells = newCells();
  starts = 0;
  readonly events: TunnelEvent[] = [];
  readonly client: TunnelClient = new TunnelClient({
    running: () => this.thread !== undefined,
    start: () => this.start(),
    post: (command) => this.thread?.push(command),
    reconsider: () => {},
  });

  constructor() {
    this.client.onEvent((event) => this.events.push(event));
  }

  start(): void {
    this.starts++;
    this.thread = [];
    this.cells = newCells();
    this.client.begun(this.cells);
  }

  breakThread(): void {
    this.thread = undefined;
    this.client.broke();
  }
}

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.afterEach.always(() => mock.timers.reset());

test.serial('the tunnel starts a thread, or is opened in the one that runs', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  t.deepEqual(stand.thread, [OPEN]);
  stand.client.command({ ...OPEN, sipPort: 5062 });
  t.is(stand.starts, 1);
  t.is(stand.thread?.length, 2);
  t.true(stand.client.open);
  const other = new Stand();
  other.start();
  other.client.command(OPEN);
  t.is(other.starts, 1);
  t.deepEqual(other.thread, [OPEN]);
  other.client.command({ kind: 'tunnel-close' });
  t.false(other.client.open);
});

test.serial('a thread that breaks is started again after a moment, and the tunnel waits meanwhile', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  stand.client.deliver(UP);
  stand.breakThread();
  t.like(stand.events.at(-1), { state: 'waiting', addresses: [], direct: 3, relayed: 4 });
  mock.timers.tick(249);
  t.is(stand.starts, 1);
  mock.timers.tick(1);
  t.is(stand.starts, 2);
  t.deepEqual(stand.thread, [OPEN]);
});

test.serial('each time it takes longer, half a minute at most, until a thread holds for a minute', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  for (const ms of [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const before = stand.starts;
    stand.breakThread();
    mock.timers.tick(ms - 1);
    t.is(stand.starts, before, `${ms}`);
    mock.timers.tick(1);
    t.is(stand.starts, before + 1, `${ms}`);
  }
  mock.timers.tick(60_000);
  const before = stand.starts;
  stand.breakThread();
  mock.timers.tick(250);
  t.is(stand.starts, before + 1);
});

test.serial('a thread that a call starts meanwhile is spared the tunnel until its time', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  stand.breakThread();
  stand.start();
  stand.client.command({ ...OPEN, sipPort: 5062 });
  t.deepEqual(stand.thread, []);
  mock.timers.tick(250);
  t.is(stand.starts, 2);
  t.deepEqual(stand.thread, [{ ...OPEN, sipPort: 5062 }]);
});

test.serial('closed while its thread is down it is off, and stays so', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  stand.client.deliver(UP);
  stand.breakThread();
  stand.client.command({ kind: 'tunnel-close' });
  t.like(stand.events.at(-1), { state: 'off', addresses: [] });
  mock.timers.tick(60_000);
  t.is(stand.starts, 1);
  stand.client.command(OPEN);
  t.deepEqual(stand.thread, [OPEN]);
});

test.serial('what nobody can do is answered, and nothing else', async (t) => {
  const stand = new Stand();
  const source = { kind: 'tunnel-source', remote: NEIGHBOUR } as const;
  stand.client.command({ ...source, request: 1 });
  stand.client.command(SEND);
  stand.client.command({ kind: 'tunnel-renew' });
  t.deepEqual(stand.events, [], 'later: who asks is still at it');
  await Promise.resolve();
  stand.client.command(OPEN);
  stand.client.command({ ...source, request: 2 });
  stand.client.command({ ...source, request: 3 });
  stand.client.deliver({ kind: 'tunnel-source', request: 2, address: OURS });
  stand.breakThread();
  t.deepEqual(
    stand.events.map((event) =>
      event.kind === 'tunnel-source' ? [event.request, event.address] : event.kind,
    ),
    [[1, undefined], 'tunnel-unsent', [2, OURS], [3, undefined], 'tunnel'],
  );
});

test.serial('a flood of SIP is lost where the thread cannot follow, and goes on when it can', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  for (let i = 0; i < 10_000; i++) stand.client.command(SEND);
  t.is(stand.thread?.length, 1 + MOST_TO_THREAD);
  new Backlog(stand.cells.toThread, MOST_TO_THREAD).leave();
  stand.client.command(SEND);
  stand.client.command(SEND);
  t.is(stand.thread?.length, 2 + MOST_TO_THREAD);
});

test.serial('what comes makes room for more when it was taken', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  const inThread = new Backlog(stand.cells.fromThread, MOST_FROM_THREAD);
  for (let i = 0; i < MOST_FROM_THREAD; i++) t.true(inThread.enter());
  t.false(inThread.enter());
  stand.client.deliver({ kind: 'tunnel-datagram', octets: SEND.octets, remote: SEND.remote, local: OURS });
  t.true(inThread.enter());
  t.false(inThread.enter());
});

test.serial('a datagram that goes to the thread takes nothing else along', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  stand.client.command({ ...SEND, octets: Buffer.alloc(8192).subarray(7, 407) });
  const sent = stand.thread?.at(-1);
  t.is(sent?.kind === 'tunnel-send' ? sent.octets.buffer.byteLength : 0, 400);
});

test.serial('after the end nothing starts', (t) => {
  const stand = new Stand();
  stand.client.command(OPEN);
  stand.breakThread();
  stand.client.stop();
  mock.timers.tick(600_000);
  t.is(stand.starts, 1);
});
