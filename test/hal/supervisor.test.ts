import test from 'ava';
import { HalError } from '#hal/linux/error.ts';
import type { Part, PartEvents } from '#hal/linux/part.ts';
import { Supervisor } from '#hal/linux/supervisor.ts';
import type { HalCommand, HalEvent } from '#hal/types.ts';
import { JumpingTiming } from '../support/models/jumping_timing.ts';

/** A part that opens, fails and hangs as the test says. */
class Stand {
  readonly timing = new JumpingTiming();
  readonly events: HalEvent[] = [];
  readonly attempts: number[] = [];
  readonly performed: HalCommand[] = [];
  readonly holding: HalCommand[] = [];
  readonly supervisor: Supervisor;
  closed = 0;
  /** What opening comes to. */
  open: () => Promise<void> = async () => {};
  perform: (command: HalCommand) => void = (command) => void this.performed.push(command);
  close: () => Promise<void> = async () => {};
  part: PartEvents | undefined;

  constructor() {
    const timing = {
      now: () => this.timing.now(),
      after: this.timing.after.bind(this.timing),
      pause: () => {},
    };
    this.supervisor = new Supervisor({
      name: 'keypad',
      driver: 'keypad-mcp23017',
      timing,
      emit: (event) => this.events.push(event),
      holding: () => this.holding,
      open: (events) => this.#open(events),
    });
  }

  async #open(events: PartEvents): Promise<Part> {
    this.attempts.push(Math.round(this.timing.now()));
    this.part = events;
    await this.open();
    return {
      name: 'keypad',
      perform: (command) => this.perform(command),
      status: () => ({ part: 'keypad', state: 'ok', driver: 'MCP23017', note: '' }),
      close: async () => {
        this.closed++;
        await this.close();
      },
    };
  }

  get states(): readonly string[] {
    return this.events.flatMap((event) =>
      event.kind === 'part' ? [`${event.status.state} ${event.status.note}`] : [],
    );
  }
}

const NAK = () => Promise.reject(new HalError('NAK', 'nobody answers at 0x20'));

test('what is not there is tried again after 1, 2, 5, 10, then every 30 s, and told once', async (t) => {
  const stand = new Stand();
  stand.open = NAK;
  await stand.timing.until(stand.supervisor.start());
  await stand.timing.run(110_000);
  t.deepEqual(stand.attempts, [0, 1000, 3000, 8000, 18_000, 48_000, 78_000, 108_000]);
  t.deepEqual(stand.states, ['failed nobody answers at 0x20']);
});

test('another reason is news', async (t) => {
  const stand = new Stand();
  stand.open = NAK;
  await stand.timing.until(stand.supervisor.start());
  stand.open = () => Promise.reject(new HalError('GONE', 'the bus has left'));
  await stand.timing.run(1500);
  t.deepEqual(stand.states, ['failed nobody answers at 0x20', 'failed the bus has left']);
});

test('a part that comes back is given what holds, and says that it is back', async (t) => {
  const stand = new Stand();
  stand.open = NAK;
  await stand.timing.until(stand.supervisor.start());
  stand.holding.push({ kind: 'lamp', name: 'status', pattern: 'slow' });
  stand.supervisor.perform({ kind: 'lamp', name: 'status', pattern: 'slow' });
  stand.open = async () => {};
  await stand.timing.run(1000);
  t.deepEqual(stand.performed, [{ kind: 'lamp', name: 'status', pattern: 'slow' }]);
  t.deepEqual(stand.states, ['failed nobody answers at 0x20', 'ok ']);
  t.is(stand.supervisor.status.driver, 'MCP23017');
});

test('a part that fails at once each time is backed off from; one that worked for long is not', async (t) => {
  const stand = new Stand();
  await stand.timing.until(stand.supervisor.start());
  for (const wait of [1000, 2000, 5000]) {
    stand.part?.failed(new HalError('IO', 'the scan failed'));
    await stand.timing.run(wait - 1);
    t.is(stand.supervisor.status.state, 'failed');
    await stand.timing.run(2);
    t.is(stand.supervisor.status.state, 'ok');
  }
  await stand.timing.run(31_000);
  stand.part?.failed(new HalError('IO', 'the scan failed'));
  await stand.timing.run(1001);
  t.is(stand.supervisor.status.state, 'ok');
  t.is(stand.closed, 4);
});

test('an opening that hangs is given up after 5 s, and closed should it end after all', async (t) => {
  const stand = new Stand();
  let wake = () => {};
  stand.open = () => new Promise((resolve) => (wake = resolve));
  await stand.timing.until(stand.supervisor.start());
  t.is(stand.timing.now(), 5000);
  t.deepEqual(stand.states, ['failed keypad did not answer within 5 s']);
  const first = wake;
  stand.open = async () => {};
  await stand.timing.run(1000);
  t.is(stand.supervisor.status.state, 'ok');
  first();
  await stand.timing.run(1);
  t.is(stand.closed, 1);
  t.is(stand.supervisor.status.state, 'ok');
});

test('what a command throws is a failure of the part, never of the telephone', async (t) => {
  const stand = new Stand();
  await stand.timing.until(stand.supervisor.start());
  stand.perform = () => {
    throw new HalError('GONE', 'the line was closed');
  };
  t.notThrows(() => stand.supervisor.perform({ kind: 'bell' }));
  t.is(stand.supervisor.status.note, 'the line was closed');
  stand.perform = () => {};
  await stand.timing.run(1000);
  t.is(stand.supervisor.status.state, 'ok');
});

test('keys that were held when the part failed come up, before its failure is told', async (t) => {
  const stand = new Stand();
  await stand.timing.until(stand.supervisor.start());
  stand.events.length = 0;
  const keys: HalEvent[] = [
    { kind: 'key', key: '1', down: true },
    { kind: 'key', key: '2', down: true },
    { kind: 'key', key: '1', down: false },
    { kind: 'function', key: 'mute', down: true },
    { kind: 'flash' },
  ];
  for (const event of keys) stand.part?.emit(event);
  stand.part?.failed(new HalError('GONE', 'the chip has left'));
  t.deepEqual(
    stand.events.slice(keys.length).filter(({ kind }) => kind !== 'part'),
    [
      { kind: 'key', key: '2', down: false },
      { kind: 'function', key: 'mute', down: false },
    ],
  );
  t.is(stand.events.at(-1)?.kind, 'part');
  await stand.timing.run(1000);
  stand.part?.failed(new HalError('GONE', 'the chip has left again'));
  t.is(stand.events.filter(({ kind }) => kind === 'key').length, 4);
});

test('an earlier opening of the part is not heard any more', async (t) => {
  const stand = new Stand();
  await stand.timing.until(stand.supervisor.start());
  const earlier = stand.part;
  earlier?.failed(new HalError('IO', 'the scan failed'));
  await stand.timing.run(1000);
  stand.events.length = 0;
  earlier?.emit({ kind: 'flash' });
  earlier?.failed(new HalError('IO', 'again'));
  t.deepEqual(stand.events, []);
  t.is(stand.supervisor.status.state, 'ok');
});

test('closing waits a second at most, tells nothing more and tries nothing again', async (t) => {
  const stand = new Stand();
  await stand.timing.until(stand.supervisor.start());
  stand.close = () => new Promise(() => {});
  const before = stand.timing.now();
  stand.events.length = 0;
  await stand.timing.until(stand.supervisor.close());
  t.is(stand.timing.now() - before, 1000);
  stand.part?.failed(new HalError('IO', 'too late'));
  await stand.timing.run(100_000);
  t.deepEqual([stand.events, stand.attempts], [[], [0]]);
});

test('a part that is closed while it opens is closed when it has', async (t) => {
  const stand = new Stand();
  let wake = () => {};
  stand.open = () => new Promise((resolve) => (wake = resolve));
  const started = stand.supervisor.start();
  await stand.timing.run(10);
  await stand.timing.until(stand.supervisor.close());
  await stand.timing.until(started);
  wake();
  await stand.timing.run(100_000);
  t.deepEqual([stand.closed, stand.attempts], [1, [0]]);
});
