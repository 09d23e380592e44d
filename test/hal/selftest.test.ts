import test from 'ava';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import type { BoardProfile, LinuxBoard } from '#hal/boards/schema.ts';
import { learnDial } from '#hal/selftest/learn_dial.ts';
import { missingPackages, packageStates } from '#hal/selftest/packages.ts';
import { runSelftest, type SelftestSound } from '#hal/selftest/run.ts';
import { Script, type ScriptEvent, type ScriptInput } from '#hal/selftest/script.ts';
import { SOUND_STEPS, type Step, silentTrial, stepsOf } from '#hal/selftest/steps.ts';
import { SIMULATED_BOARD } from '#hal/sim/board.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import type { HalCommand, HalEvent, Hardware, PartStatus } from '#hal/types.ts';
import { BoardStand } from '../support/board_stand.ts';
import { Clock } from '../support/clock.ts';

const OFF: HalEvent = { kind: 'hook', state: 'off' };
const LIFT: Step = { kind: 'do', part: 'hook', say: 'Lift the handset', event: OFF };
const LAMP: Step = {
  kind: 'look',
  part: 'lamps',
  say: 'Does the lamp "status" blink',
  show: [{ kind: 'lamp', name: 'status', pattern: 'fast' }],
  after: [{ kind: 'lamp', name: 'status', pattern: 'off' }],
};

/** A script on a clock that jumps, and what it has said. */
function walk(steps: readonly Step[]) {
  const clock = new Clock(0);
  const said: ScriptEvent[] = [];
  const give = clock.drive<ScriptInput, ScriptEvent>(new Script(steps), (event) => void said.push(event));
  give({ kind: 'start' });
  return {
    clock,
    hal: (event: HalEvent) => give({ kind: 'hal', event }),
    type: (text: string) => give({ kind: 'line', text }),
    told: () => said.splice(0),
  };
}

test('what is done is passed, and the next thing asked for', (t) => {
  const { hal, told } = walk([LIFT, LAMP]);
  t.deepEqual(told(), [{ kind: 'say', text: '[1/2] Lift the handset (s skips, q ends)' }]);
  hal(OFF);
  t.deepEqual(told(), [
    { kind: 'result', part: 'hook', outcome: 'passed', what: 'Lift the handset' },
    { kind: 'perform', command: { kind: 'lamp', name: 'status', pattern: 'fast' } },
    { kind: 'say', text: '[2/2] Does the lamp "status" blink? (y/n, s skips, q ends)' },
  ]);
});

test('yes passes, no fails, and anything else is asked again; what was shown is undone', (t) => {
  for (const [answer, outcome] of [
    ['y', 'passed'],
    [' YES ', 'passed'],
    ['n', 'failed'],
    ['s', 'skipped'],
  ] as const) {
    const { type, told } = walk([LAMP]);
    told();
    type('perhaps');
    t.deepEqual(
      told().map(({ kind }) => kind),
      ['say'],
    );
    type(answer);
    t.deepEqual(told(), [
      { kind: 'perform', command: { kind: 'lamp', name: 'status', pattern: 'off' } },
      { kind: 'result', part: 'lamps', outcome, what: 'Does the lamp "status" blink' },
      { kind: 'end', quit: false },
    ]);
  }
});

test('another deed is named, and the right one awaited; what is let go is not spoken of', (t) => {
  const { hal, told } = walk([LIFT]);
  told();
  hal({ kind: 'key', key: '4', down: true });
  hal({ kind: 'key', key: '4', down: false });
  t.deepEqual(told(), [{ kind: 'say', text: '  that was the key 4' }]);
  hal(OFF);
  t.is(told().at(-1)?.kind, 'end');
});

test('what is not done within 30 s has failed', (t) => {
  const { clock, told } = walk([LIFT, LIFT]);
  clock.run(29_999);
  t.is(told().length, 1);
  clock.run(1);
  t.deepEqual(told()[0], { kind: 'result', part: 'hook', outcome: 'failed', what: 'Lift the handset' });
  clock.settle();
  t.is(clock.now, 60_000);
  t.is(told().at(-1)?.kind, 'end');
});

test('q leaves the rest out and puts the outputs to rest', (t) => {
  const { type, told, clock } = walk([LAMP, LIFT]);
  told();
  type('q');
  t.deepEqual(
    told().map((event) => (event.kind === 'result' ? event.outcome : event.kind)),
    ['perform', 'skipped', 'skipped', 'end'],
  );
  t.is(clock.deadline, Number.POSITIVE_INFINITY);
});

test('ears are asked after a tone and their own voice', (t) => {
  const { type, told } = walk(SOUND_STEPS);
  type('y');
  type('y');
  t.deepEqual(
    told().flatMap((event) => (event.kind === 'play' ? [event.sound] : [])),
    ['tone', 'nothing', 'echo', 'nothing'],
  );
});

test('every board has a step for every part that hands or eyes can try, and none without a part', async (t) => {
  for (const name of BOARD_NAMES) {
    const board = await loadBoard(name);
    const parts = board.driver === 'sim' ? [] : board.parts.map(({ kind }) => kind);
    const asked = new Set(stepsOf(board, parts).map(({ part }) => part));
    t.deepEqual([...asked].sort(), [...new Set(parts)].filter((kind) => kind !== 'amplifier').sort(), name);
  }
});

test('hands that do what is asked pass every step of every board', async (t) => {
  for (const name of BOARD_NAMES.filter((each) => !['sim', 'ata-slic'].includes(each))) {
    const board = (await loadBoard(name)) as LinuxBoard;
    const stand = new BoardStand(board);
    await stand.start();
    stand.heard();
    const steps = stepsOf(
      board,
      board.parts.map(({ kind }) => kind),
    );
    for (const step of steps) {
      if (step.kind !== 'do') continue;
      const { event, say } = step;
      if (event.kind === 'hook') await (event.state === 'off' ? stand.lift() : stand.putDown());
      else if (event.kind === 'flash' && stand.has('hook') && say.startsWith('Tap')) await stand.flash();
      else if (event.kind === 'flash') await stand.press('flash');
      else if (event.kind === 'headset') await stand.plugHeadset(event.plugged);
      else if (event.kind === 'volume' && say.startsWith('Turn')) await stand.turn(event.step);
      else if (event.kind === 'volume') await stand.press(event.step === 1 ? 'volume+' : 'volume-');
      else if (event.kind === 'key' && say.startsWith('Dial')) await stand.dial(event.key as '1');
      else if (event.kind === 'key' || event.kind === 'function') await stand.press(event.key);
      t.deepEqual(stand.heard()[0], event, `${name}: ${say}`);
    }
  }
});

test('alone every output is tried but the bell', async (t) => {
  const board = await loadBoard('desk-mcp-lcd');
  const kinds = silentTrial(stepsOf(board, [])).map(({ kind }) => kind);
  t.deepEqual([...new Set(kinds)].sort(), ['display', 'lamp']);
});

/** Parts as they are told, and the commands that they got. */
class FakeHardware implements Hardware {
  readonly performed: HalCommand[] = [];
  readonly statuses: readonly PartStatus[];
  tell: (event: HalEvent) => void = () => {};
  stopped = false;

  constructor(statuses: readonly PartStatus[]) {
    this.statuses = statuses;
  }

  async start(listener: (event: HalEvent) => void): Promise<void> {
    this.tell = listener;
  }

  perform(command: HalCommand): void {
    this.performed.push(command);
  }

  parts(): readonly PartStatus[] {
    return this.statuses;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

function status(part: string, state: PartStatus['state'] = 'ok', note = ''): PartStatus {
  return { part, state, driver: 'character device', note };
}

const PROFILE: BoardProfile = {
  schema: 'dualtone.board/1',
  name: 'mine',
  description: 'a hook and a lamp',
  driver: 'linux',
  gpio: { chip: ['lab'] },
  parts: [
    { kind: 'hook', line: 4, active: 'low', offHook: 'closed' },
    { kind: 'lamps', lamps: [{ name: 'status', line: 5, active: 'high' }] },
  ],
};

test('alone it tries, reports every part, and fails with those that do not work', async (t) => {
  const hardware = new FakeHardware([status('hook', 'failed', 'line 4 is in use'), status('lamps')]);
  const lines: string[] = [];
  const outcome = await runSelftest({ board: PROFILE, hardware, out: (line) => lines.push(line) });
  t.deepEqual(outcome, { failures: ['hook: line 4 is in use'], left: [], quit: false });
  t.deepEqual(hardware.performed, [{ kind: 'lamp', name: 'status', pattern: 'fast' }]);
  t.true(hardware.stopped);
  t.true(lines.some((line) => /failed +hook +line 4 is in use/.test(line)));
  t.true(lines.some((line) => /ok +lamps/.test(line)));
});

test('with a person it walks through the parts that work; what the person denies has failed', async (t) => {
  const hardware = new FakeHardware([status('hook', 'failed', 'line 4 is in use'), status('lamps')]);
  const lines: string[] = [];
  async function* typed() {
    yield 'n';
  }
  const { failures } = await runSelftest({
    board: PROFILE,
    hardware,
    out: (line) => lines.push(line),
    lines: typed(),
  });
  t.deepEqual(failures, ['hook: line 4 is in use', 'lamps: Does the lamp "status" blink']);
  t.false(lines.some((line) => line.includes('Lift')));
});

test('who ends the test early, or goes away, has left out all that was to come', async (t) => {
  for (const answers of [['y', 'q'], ['y']]) {
    const hardware = new FakeHardware([status('lamps'), status('hook')]);
    async function* typed() {
      for (const answer of answers) yield answer;
    }
    const parts = [...(PROFILE.driver === 'linux' ? PROFILE.parts : [])].reverse();
    const board = { ...PROFILE, parts } as BoardProfile;
    const outcome = await runSelftest({ board, hardware, out: () => {}, lines: typed() });
    t.deepEqual(outcome, { failures: [], left: ['hook'], quit: true });
  }
});

test('sound is opened, played to the ears that are there, and closed', async (t) => {
  const deeds: string[] = [];
  const sound: SelftestSound = {
    open: async () => [status('sound input'), status('sound output')],
    play: (what) => deeds.push(what),
    ring: () => {},
    close: async () => void deeds.push('closed'),
  };
  const hardware = new FakeHardware([status('hook'), status('lamps')]);
  async function* typed() {
    for (const answer of ['s', 's', 's', 'y', 'y', 'n']) yield answer;
  }
  const outcome = await runSelftest({ board: PROFILE, hardware, sound, out: () => {}, lines: typed() });
  t.deepEqual(outcome, {
    failures: ['sound: Speak into it. Do you hear yourself'],
    left: ['hook'],
    quit: false,
  });
  t.deepEqual(deeds, ['tone', 'nothing', 'echo', 'nothing', 'closed']);
});

test('the simulated board passes alone', async (t) => {
  const { driver: _, ...rest } = SIMULATED_BOARD;
  const board = await loadBoard(rest.name);
  const hardware = new SimulatedHandset(SIMULATED_BOARD);
  t.deepEqual(await runSelftest({ board, hardware, out: () => {} }), { failures: [], left: [], quit: false });
});

test('packages are looked at without being loaded into harm, and each says what it is for', async (t) => {
  const states = await packageStates();
  t.deepEqual(
    states.map(({ name }) => name),
    ['koffi', 'onoff', 'i2c-bus', 'speaker'],
  );
  for (const { usable, note } of states) t.is(/npm install/.test(note), !usable, note);
  const complete = states.every(({ usable }) => usable);
  const missing = await missingPackages((await loadBoard('desk-mcp-lcd')) as LinuxBoard);
  t.is(missing === undefined, complete || states[2]?.usable === true);
});

test('a dial is learned from the digits that it is asked for', async (t) => {
  const board = (await loadBoard('rotary-usb')) as LinuxBoard;
  const dial = board.parts.find((part) => part.kind === 'dial');
  if (dial?.offNormal === undefined) throw new Error('no dial');
  // Wired the other way round than the profile says.
  const wired = {
    ...board,
    parts: [{ ...dial, pulse: { ...dial.pulse, contact: 'normally-open' as const } }],
  };
  const stand = new BoardStand(wired);
  const said: string[] = [];
  const drivers = {
    lines: (lines: Parameters<typeof stand.gpio.request>[1], consumer: string) =>
      stand.gpio.request(board.gpio.chip, lines, consumer),
    gpio: 'model',
    i2c: async () => stand.bus,
    pwm: async () => {
      throw new Error('no PWM');
    },
    guard: async () => {
      throw new Error('nothing is driven');
    },
    timing: stand.clock,
    country: stand.country,
  };
  const learned = learnDial(dial, drivers, (line) => said.push(line));
  let wiring: Awaited<typeof learned> | undefined;
  learned.then(
    (found) => (wiring = found),
    () => {},
  );
  await stand.run(10);
  for (let turn = 0; turn < 6 && wiring === undefined; turn++) {
    const digit = /^Dial (\d)$/.exec(said.at(-1) ?? '')?.[1];
    await stand.dial(digit as '1');
    await stand.run(3000);
  }
  t.deepEqual(await learned, { pulse: 'normally-open', offNormal: 'normally-open', coding: 'standard' });
  t.deepEqual(said.slice(0, 2), ['Dial 1', '  1 pulses']);
  t.deepEqual(stand.gpio.taken, []);
});
