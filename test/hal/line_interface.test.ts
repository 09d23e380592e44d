import test from 'ava';
import { loadBoard } from '#hal/boards/load.ts';
import type { LinuxBoard } from '#hal/boards/schema.ts';
import { BoardStand } from '../support/board_stand.ts';

const AMERICAN = [2000, 4000];
const ALICE = { number: '2025550123', name: 'ALICE' };
const PART = 'line-interface';

async function stand(country = 'US', hasPwm = true, own: object = {}): Promise<BoardStand> {
  const { parts, ...board } = (await loadBoard('ata-slic')) as LinuxBoard;
  const profile = { ...board, parts: parts.map((part) => ({ ...part, ...own })) };
  const made = new BoardStand(profile, country);
  made.hasPwm = hasPwm;
  await made.start();
  return made;
}

/** The telephone's contacts. */
async function loop(line: BoardStand, closed: boolean, ms: number): Promise<void> {
  line.gpio.join(line.part(PART).shk.line, 'supply', closed);
  await line.run(ms);
}

/** Changes of RM (true: high) since `began`. */
function ringMode(line: BoardStand, began: number) {
  const { rm } = line.part(PART);
  return line.gpio.written.flatMap(({ at, line: offset, voltage }) =>
    offset === rm && at >= began ? [[at - began, voltage] as const] : [],
  );
}

test('it is there, says by what, and the telephone is on its hook', async (t) => {
  const line = await stand();
  t.like(line.status(PART), { state: 'ok', driver: 'AG1171 by character device, F/R by sysfs PWM' });
  t.deepEqual(line.heard(), [{ kind: 'hook', state: 'on' }]);
  t.deepEqual(line.gpio.taken, [17, 22, 27]);
});

test('without PWM in the chip F/R is a line that a thread toggles', async (t) => {
  const line = await stand('US', false);
  t.like(line.status(PART), { driver: 'AG1171 by character device, F/R by toggled line' });
  t.deepEqual(line.gpio.taken, [12, 17, 22, 27]);
  const began = line.timing.now();
  line.handset.perform({ kind: 'bell', cadence: AMERICAN });
  await line.run(2500);
  t.deepEqual(ringMode(line, began), [
    [0, 1],
    [2000, 0],
  ]);
  t.is(line.swings[0]?.wave?.frequency, 20);
});

test('it rings at 20 Hz in the cadence, tells the caller in the pause, and RM outlasts F/R', async (t) => {
  const line = await stand();
  line.heard();
  const began = line.timing.now();
  line.handset.perform({ kind: 'bell', cadence: AMERICAN, caller: ALICE });
  await line.run(7000);
  t.deepEqual(ringMode(line, began).slice(0, 3), [
    [0, 1],
    [2000, 0],
    [6000, 1],
  ]);
  const [start, stop] = line.swings;
  t.deepEqual([start?.at, start?.wave], [began, { frequency: 20, duty: 0.5 }]);
  t.true((start?.limit ?? 0) >= 2000 && (start?.limit ?? 0) <= 2100);
  const rested = (stop?.at ?? 0) - began;
  t.true(stop?.wave === undefined && rested > 1900 && rested <= 1990, `${rested}`);
  t.deepEqual(line.heard(), [{ kind: 'caller-id', scheme: 'bellcore', caller: ALICE, hook: 'on' }]);
});

test('another thread watches over RM and F/R in each burst, by its limit', async (t) => {
  const line = await stand();
  line.handset.perform({ kind: 'bell', cadence: AMERICAN });
  await line.run(2500);
  const limits = line.watched.flatMap(({ limit }) => (limit === undefined ? [] : [limit]));
  t.deepEqual(limits, [2050, 2050]);
});

test('a lifted handset stops the ring within 100 ms and is told', async (t) => {
  const line = await stand('DE');
  line.heard();
  line.handset.perform({ kind: 'bell', cadence: [1000, 4000], caller: ALICE });
  await line.run(500);
  const lifted = line.timing.now();
  await loop(line, true, 200);
  t.deepEqual(line.heard(), [{ kind: 'hook', state: 'off' }]);
  const [quiet] = ringMode(line, lifted);
  t.true(quiet !== undefined && quiet[1] === 0 && quiet[0] <= 100, `${quiet?.[0]} ms`);
  t.is(line.swings.at(-1)?.wave, undefined);
});

test('digits come as keys, and a break as a flash', async (t) => {
  const line = await stand('DE');
  await loop(line, true, 500);
  line.handset.perform({ kind: 'dialling', dialling: true });
  line.heard();
  for (let pulse = 0; pulse < 3; pulse++) {
    await loop(line, false, 60);
    await loop(line, true, 40);
  }
  await line.run(500);
  line.handset.perform({ kind: 'dialling', dialling: false });
  await loop(line, false, 100);
  await loop(line, true, 500);
  t.deepEqual(line.heard(), [
    { kind: 'key', key: '3', down: true },
    { kind: 'key', key: '3', down: false },
    { kind: 'flash' },
  ]);
});

test('what the profile says of flash, coding and caller ID goes before the country', async (t) => {
  const own = { flash: { min: 300, max: 800 }, coding: 'NZ', callerId: 'off' };
  const line = await stand('DE', true, own);
  line.heard();
  line.handset.perform({ kind: 'bell', cadence: [1000, 4000], caller: ALICE });
  await line.run(4000);
  line.handset.perform({ kind: 'bell' });
  await line.run(1500);
  t.deepEqual(line.heard(), [], 'nobody is told who calls');
  await loop(line, true, 500);
  line.heard();
  await loop(line, false, 250);
  await loop(line, true, 500);
  t.deepEqual(line.heard(), [], 'a German flash is a knock here');
  await loop(line, false, 500);
  await loop(line, true, 500);
  t.deepEqual(line.heard(), [{ kind: 'flash' }]);
  line.handset.perform({ kind: 'dialling', dialling: true });
  for (let pulse = 0; pulse < 3; pulse++) {
    await loop(line, false, 60);
    await loop(line, true, 40);
  }
  await line.run(500);
  t.deepEqual(line.heard()[0], { kind: 'key', key: '7', down: true });
});

test('a profile may choose a way of caller ID that is not the country’s', async (t) => {
  const line = await stand('US', true, { callerId: 'etsi-between-rings' });
  line.heard();
  line.handset.perform({ kind: 'bell', cadence: AMERICAN, caller: ALICE });
  await line.run(4000);
  t.deepEqual(line.heard(), [{ kind: 'caller-id', scheme: 'etsi-between-rings', caller: ALICE, hook: 'on' }]);
});

test('the line is turned over, broken, and both are over again', async (t) => {
  const line = await stand();
  await loop(line, true, 500);
  const began = line.timing.now();
  line.handset.perform({ kind: 'polarity', reversed: true });
  await line.run(1000);
  t.deepEqual(
    line.swings.map(({ at, wave }) => [at - began, wave?.duty]),
    [[0, 1]],
  );
  line.handset.perform({ kind: 'loop-break', ms: 300 });
  await line.run(100);
  const { pd = -1 } = line.part(PART);
  t.is(line.gpio.voltage(pd), 1);
  await line.run(300);
  t.is(line.gpio.voltage(pd), 0);
  line.handset.perform({ kind: 'polarity', reversed: false });
  t.is(line.swings.at(-1)?.wave, undefined);
});

test('closed in the middle of a ring, everything is at rest', async (t) => {
  for (const hasPwm of [true, false]) {
    const line = await stand('US', hasPwm);
    line.handset.perform({ kind: 'bell', cadence: AMERICAN });
    await line.run(700);
    await line.stop();
    t.deepEqual(line.gpio.written.filter(({ line: offset }) => offset === 17).at(-1)?.voltage, 0);
    t.is(line.swings.at(-1)?.wave, undefined);
    t.deepEqual(line.gpio.taken, []);
  }
});

test('an edge that got lost heals at the next look', async (t) => {
  const line = await stand();
  line.heard();
  line.gpio.deaf = true;
  await loop(line, true, 1200);
  t.deepEqual(line.heard(), [{ kind: 'hook', state: 'off' }]);
});

test('a chip that leaves fails the part; back again it goes on, and rings on', async (t) => {
  const line = await stand();
  line.handset.perform({ kind: 'bell', cadence: AMERICAN });
  await line.run(300);
  line.gpio.unplug();
  await line.run(100);
  t.is(line.status(PART)?.state, 'failed');
  line.gpio.plug();
  const back = line.timing.now();
  await line.run(4000);
  t.is(line.status(PART)?.state, 'ok');
  t.true(ringMode(line, back).some(([, voltage]) => voltage === 1));
});
