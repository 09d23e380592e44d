import test from 'ava';
import { loadBoard } from '#hal/boards/load.ts';
import type { LinuxBoard, ProfileOf } from '#hal/boards/schema.ts';
import { BoardStand } from '../support/board_stand.ts';

type Bell = ProfileOf<'bell'>;

const DUTCH = [1000, 4000];

async function stand(bell: Bell): Promise<BoardStand> {
  const board = (await loadBoard('intercom')) as LinuxBoard;
  const made = new BoardStand({ ...board, parts: [bell] });
  await made.start();
  return made;
}

/** Starts and stops of a PWM output, with the times since `began`. */
function swings({ swings }: BoardStand, began: number) {
  return swings.map(({ at, wave, limit }) => [at - began, wave?.frequency ?? 0, limit ?? 0]);
}

const COIL: Bell = { kind: 'bell', driver: 'coil', a: 17, b: 27, hertz: 25, burst: 2000 };
const RELAY: Bell = { kind: 'bell', driver: 'relay', line: 23, active: 'high' };

test('a coil swings in the cadence; each burst ends by itself should we be late', async (t) => {
  const bell = await stand(COIL);
  const began = bell.timing.now();
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  await bell.run(7000);
  t.deepEqual(swings(bell, began), [
    [0, 25, 1050],
    [1000, 0, 0],
    [5000, 25, 1050],
    [6000, 0, 0],
  ]);
});

test('no burst of a coil is longer than 2 s, and it rests for a second after', async (t) => {
  const bell = await stand(COIL);
  const bursts: number[][] = [];
  for (const cadence of [[60_000], [1900, 0, 1900, 100]]) {
    const began = bell.timing.now();
    bell.swings.length = 0;
    bell.handset.perform({ kind: 'bell', cadence });
    await bell.run(2900);
    bursts.push(...swings(bell, began));
    bell.handset.perform({ kind: 'bell' });
    await bell.run(1000);
  }
  const burst = [
    [0, 25, 2050],
    [2000, 0, 0],
  ];
  t.deepEqual(bursts, [...burst, ...burst]);
});

test('however often it is told to ring, a coil rests for a second after each ring', async (t) => {
  const bell = await stand(COIL);
  const began = bell.timing.now();
  for (let n = 0; n < 50; n++) {
    bell.handset.perform({ kind: 'bell', cadence: DUTCH });
    await bell.run(90);
    bell.handset.perform({ kind: 'bell' });
    await bell.run(10);
  }
  bell.handset.perform({ kind: 'bell', cadence: [60_000] });
  await bell.run(1900);
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  await bell.run(2000);
  const all = swings(bell, began);
  const gaps = all.flatMap(([at = 0, hertz], n) => (n > 0 && hertz ? [at - (all[n - 1]?.[0] ?? 0)] : []));
  t.true(gaps.length > 3 && gaps.every((ms) => ms >= 1000), `rests of ${gaps} ms`);
});

test("the coil's frequency is the country's where the profile has none", async (t) => {
  const { hertz: _, ...coil } = COIL as Extract<Bell, { driver: 'coil' }>;
  const board = (await loadBoard('intercom')) as LinuxBoard;
  const bell = new BoardStand({ ...board, parts: [coil] }, 'US');
  await bell.start();
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  t.is(bell.swings[0]?.wave?.frequency, 20);
});

test('a buzzer takes the PWM of the chip, or a thread where there is none', async (t) => {
  const buzzer: Bell = {
    kind: 'bell',
    driver: 'buzzer',
    line: 13,
    pwm: { chip: ['fe20c000.pwm'], channel: 1 },
    hertz: 1000,
  };
  const chip = await stand(buzzer);
  t.deepEqual([chip.status('bell')?.driver, chip.gpio.taken], ['sysfs PWM', []]);
  const board = (await loadBoard('intercom')) as LinuxBoard;
  const without = new BoardStand({ ...board, parts: [buzzer] });
  without.hasPwm = false;
  await without.start();
  t.deepEqual([without.status('bell')?.driver, without.gpio.taken], ['toggled line', [13]]);
  without.handset.perform({ kind: 'bell', cadence: DUTCH });
  t.is(without.swings[0]?.wave?.frequency, 1000);
});

test('a relay rings in the cadence, stops at once, and is low at the end', async (t) => {
  const bell = await stand(RELAY);
  const began = bell.timing.now();
  bell.gpio.written.length = 0;
  bell.handset.perform({ kind: 'bell', cadence: [400, 200, 400, 2000] });
  await bell.run(3300);
  bell.handset.perform({ kind: 'bell' });
  await bell.run(10_000);
  t.deepEqual(
    bell.gpio.written.map(({ at, voltage }) => [at - began, voltage]),
    [
      [0, 1],
      [400, 0],
      [600, 1],
      [1000, 0],
      [3000, 1],
      [3300, 0],
    ],
  );
});

test('a relay that is on while its line is low rests high', async (t) => {
  const bell = await stand({ ...RELAY, active: 'low' });
  t.is(bell.gpio.voltage(23), 1);
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  t.is(bell.gpio.voltage(23), 0);
  bell.handset.perform({ kind: 'bell' });
  t.is(bell.gpio.voltage(23), 1);
});

test('nothing rings for longer than five minutes, with pauses or without', async (t) => {
  for (const cadence of [DUTCH, [1_000_000]]) {
    const bell = await stand(RELAY);
    bell.handset.perform({ kind: 'bell', cadence });
    await bell.run(299_000);
    t.true(bell.gpio.written.some(({ voltage }) => voltage === 1));
    await bell.run(1000);
    bell.gpio.written.length = 0;
    await bell.run(600_000);
    t.true(bell.gpio.written.every(({ voltage }) => voltage === 0));
    t.is(bell.gpio.voltage(23), 0);
  }
});

test('a bell on the sound card tells whoever has the card, and no more than it must', async (t) => {
  const bell = await stand({ kind: 'bell', driver: 'sound' });
  bell.handset.perform({ kind: 'bell' });
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  bell.handset.perform({ kind: 'bell' });
  bell.handset.perform({ kind: 'bell' });
  t.deepEqual(bell.heard(), [{ kind: 'ringer', cadence: DUTCH }, { kind: 'ringer' }]);
});

test('a bell on the sound card ends after five minutes too', async (t) => {
  const bell = await stand({ kind: 'bell', driver: 'sound' });
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  await bell.run(299_000);
  t.deepEqual(bell.heard(), [{ kind: 'ringer', cadence: DUTCH }]);
  await bell.run(2000);
  t.deepEqual(bell.heard(), [{ kind: 'ringer' }]);
});

test('a bell on the sound card may be a recording', async (t) => {
  const wav = '/var/lib/dualtone/bell.wav';
  const bell = await stand({ kind: 'bell', driver: 'sound', wav });
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  t.deepEqual(bell.heard(), [{ kind: 'ringer', cadence: DUTCH, wav }]);
});

test('an amplifier is on while its loudspeaker is wanted', async (t) => {
  const board = (await loadBoard('rotary-usb')) as LinuxBoard;
  const parts = board.parts.map((part) =>
    part.kind === 'amplifier' ? { ...part, for: ['bell' as const, 'speaker' as const] } : part,
  );
  const amplified = new BoardStand({ ...board, parts });
  await amplified.start();
  const on = () => amplified.gpio.voltage(23) === 1;
  t.false(on());
  amplified.handset.perform({ kind: 'bell', cadence: DUTCH });
  t.true(on());
  amplified.handset.perform({ kind: 'bell' });
  t.false(on());
  amplified.handset.perform({ kind: 'route', to: 'speaker' });
  t.true(on());
  amplified.handset.perform({ kind: 'route', to: 'handset' });
  t.false(on());
  amplified.handset.perform({ kind: 'bell', cadence: DUTCH });
  await amplified.run(301_000);
  t.false(on());
  amplified.handset.perform({ kind: 'route', to: 'handset' });
  t.false(on(), 'what has rung for too long is over');
});

test('relay and amplifier are watched over: by their limit, and in a call as long as there is life', async (t) => {
  const bell = await stand(RELAY);
  const began = bell.timing.now();
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  await bell.run(1500);
  t.deepEqual(
    bell.watched.map(({ at, limit }) => [at - began, limit]),
    [
      [0, 1050],
      [1000, undefined],
    ],
  );
  const board = (await loadBoard('rotary-usb')) as LinuxBoard;
  const parts = board.parts.filter(({ kind }) => kind === 'amplifier');
  const amplified = new BoardStand({ ...board, parts });
  await amplified.start();
  amplified.handset.perform({ kind: 'bell', cadence: DUTCH });
  t.is(amplified.watched.at(-1)?.limit, 300_000);
  amplified.stall();
  t.is(amplified.gpio.voltage(23), 0);
  t.is(amplified.status('amplifier')?.state, 'failed');
  await amplified.run(1100);
  t.is(amplified.gpio.voltage(23), 1);
});

test('a bell whose chip leaves in the middle of a ring is silent, and rings again when it is back', async (t) => {
  const bell = await stand(RELAY);
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  bell.gpio.unplug();
  t.notThrows(() => bell.handset.perform({ kind: 'bell' }));
  t.is(bell.status('bell')?.state, 'failed');
  bell.handset.perform({ kind: 'bell', cadence: DUTCH });
  bell.gpio.plug();
  await bell.run(1000);
  t.is(bell.status('bell')?.state, 'ok');
  t.is(bell.gpio.voltage(23), 1);
});
