/** Telephones whose main thread stands still in the middle of a ring, or of a call: what could do harm is at rest within a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { loadBoard } from '#hal/boards/load.ts';
import type { LinuxBoard, PartProfile } from '#hal/boards/schema.ts';
import { HalError } from '#hal/linux/error.ts';
import { LinuxHandset } from '#hal/linux/handset.ts';
import { Keeper } from '#hal/linux/keeper.ts';
import { openPwm } from '#hal/linux/pwm.ts';
import { openSysfsPwm } from '#hal/linux/pwm_sysfs.ts';
import { SYSTEM_TIMING } from '#hal/linux/timing.ts';
import { lineTimingsOf } from '#hal/parts/line_timings.ts';
import type { HalCommand } from '#hal/types.ts';
import { OutputFiles } from '../support/models/output_files.ts';
import { standStill } from '../support/stand_still.ts';

const CHIP = 'fe20c000.pwm';
/** Longer than a burst may be. */
const RING: HalCommand = { kind: 'bell', cadence: [2000, 2000] };

interface Trial {
  readonly title: string;
  readonly part: PartProfile;
  readonly command?: HalCommand;
  readonly hasPwm?: boolean;
  /** Lines and channels that are on then. */
  readonly on: readonly (number | string)[];
}

const LINE_INTERFACE = {
  kind: 'line-interface',
  module: 'AG1171',
  shk: { line: 22, active: 'high' },
  rm: 17,
  fr: 12,
  pwm: { chip: [CHIP], channel: 0 },
  burst: 2000,
} satisfies PartProfile;

const TRIALS: readonly Trial[] = [
  { title: 'a ring generator by PWM', part: LINE_INTERFACE, hasPwm: true, on: [17, CHIP] },
  { title: 'a ring generator by a toggled line', part: LINE_INTERFACE, on: [17] },
  { title: 'a coil', part: { kind: 'bell', driver: 'coil', a: 17, b: 27, burst: 2000 }, on: [] },
  {
    title: 'a buzzer by PWM',
    part: { kind: 'bell', driver: 'buzzer', line: 13, pwm: { chip: [CHIP], channel: 0 }, hertz: 1000 },
    hasPwm: true,
    on: [CHIP],
  },
  { title: 'a relay', part: { kind: 'bell', driver: 'relay', line: 23, active: 'high' }, on: [23] },
  {
    title: 'an amplifier that rings',
    part: { kind: 'amplifier', line: 25, active: 'high', for: ['bell'] },
    on: [25],
  },
  {
    title: 'an amplifier in a call',
    part: { kind: 'amplifier', line: 25, active: 'high', for: ['speaker'] },
    command: { kind: 'route', to: 'speaker' },
    on: [25],
  },
];

async function started(part: PartProfile, hasPwm: boolean) {
  const board = { ...((await loadBoard('intercom')) as LinuxBoard), parts: [part] };
  const files = new OutputFiles();
  const root = files.pwm(CHIP);
  const keeper = new Keeper();
  const handset = new LinuxHandset({
    board,
    country: 'US',
    rest: async () => {},
    drivers: {
      lines: (lines) => files.request(lines),
      gpio: 'files',
      i2c: () => Promise.reject(new HalError('ABSENT', 'there is no bus')),
      pwm: (place, failed) => {
        if ('lines' in place) return openPwm({ by: 'line', ...place }, keeper, failed);
        if (!hasPwm) throw new HalError('ABSENT', 'there is no PWM');
        return openSysfsPwm(place, (kept) => keeper.guard([kept], failed), root);
      },
      guard: (lines, offsets, failed) =>
        keeper.guard(
          offsets.map((offset) => ({ by: 'line', line: lines.handle(offset) })),
          failed,
        ),
      timing: SYSTEM_TIMING,
      country: lineTimingsOf('US'),
      close: () => keeper.close(),
    },
  });
  await handset.start(() => {});
  return { files, handset };
}

/** Lines that swing change too often to be looked at: the last edge is all that counts. */
const swinging = ({ part, hasPwm }: Trial): readonly number[] => {
  if (part.kind === 'bell' && part.driver === 'coil') return [part.a, part.b];
  return part.kind === 'line-interface' && !hasPwm ? [part.fr] : [];
};

for (const trial of TRIALS) {
  const { title, part, command = RING, hasPwm = false, on } = trial;
  test.serial(`${title} is at rest within a second when the main thread stands still`, async (t) => {
    const { files, handset } = await started(part, hasPwm);
    t.teardown(async () => {
      await handset.stop();
      files.remove();
    });
    const isOn = (where: number | string) =>
      typeof where === 'number' ? files.level(where) === 1 : files.swings(where);
    t.is(handset.parts()[0]?.state, 'ok', handset.parts()[0]?.note);
    handset.perform(command);
    await sleep(300);
    for (const where of on) t.true(isOn(where), `${where}`);
    const began = standStill(1500);
    for (const where of [...on, ...swinging(trial)]) {
      t.false(isOn(where), `${where}`);
      const after = files.writtenAt(where) - began;
      t.true(after < 1000 && after > 0, `${where} after ${after} ms`);
    }
    await sleep(50);
    t.like(handset.parts()[0], { state: 'failed' });
    t.regex(handset.parts()[0]?.note ?? '', /stood still/);
    await sleep(1500);
    t.is(handset.parts()[0]?.state, 'ok', 'a second later it is there again');
    for (const where of on) t.true(isOn(where), `${where} is on again, as it was told`);
  });
}
