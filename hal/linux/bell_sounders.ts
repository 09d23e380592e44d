/** What makes the sound of a bell. */
import type { ProfileOf } from '../boards/schema.ts';
import { HalError } from './error.ts';
import type { GpioLines } from './gpio/types.ts';
import { LATE, takeOutputs, takeWatchedOutput } from './outputs.ts';
import type { Drivers, PartEvents } from './part.ts';
import type { PwmOutput, Wave } from './pwm.ts';

type Bell = ProfileOf<'bell'>;
type BellBy<Driver extends Bell['driver']> = Extract<Bell, { driver: Driver }>;

/** All of it throws HalErrors. */
export interface Sounder {
  readonly driver: string;
  readonly notes: readonly string[];
  /** For at most so many ms: another thread ends it, should we be late or stand still. */
  on(limit: number): void;
  off(): void;
  /** Where the whole ring is somebody else's: in place of `on`. */
  cadence?(cadence: readonly number[]): void;
  close(): Promise<void>;
}

type Sounders = {
  readonly [Driver in Bell['driver']]: (
    bell: BellBy<Driver>,
    drivers: Drivers,
    events: PartEvents,
  ) => Promise<Sounder>;
};

/** Rejects with a HalError. */
export function openSounder(bell: Bell, drivers: Drivers, events: PartEvents): Promise<Sounder> {
  // The table's row is that of the bell's own driver.
  const open = SOUNDERS[bell.driver] as (...args: Parameters<typeof openSounder>) => Promise<Sounder>;
  return open(bell, drivers, events);
}

const SOUNDERS: Sounders = {
  sound: async ({ wav }, _drivers, events) => soundCard(wav, events),

  speaker: async ({ wav }, { timing }, events) => {
    const { openSpeaker } = await import('./bell_speaker.ts');
    return openSpeaker(wav, timing, events);
  },

  buzzer: async ({ line, pwm, hertz }, drivers, events) => {
    const wave = { frequency: hertz, duty: 0.5 };
    try {
      if (pwm !== undefined) return swinging(await drivers.pwm(pwm, events.failed), wave);
      return await toggled(drivers, events, wave, line);
    } catch (error) {
      // A board without this chip, or with its PWM switched off, toggles the line.
      if (pwm === undefined || !(error instanceof HalError) || error.code !== 'ABSENT') throw error;
      return toggled(drivers, events, wave, line);
    }
  },

  coil: ({ a, b, hertz }, drivers, events) =>
    toggled(drivers, events, { frequency: hertz ?? drivers.country.ringHertz, duty: 0.5 }, a, b),

  relay: async (bell, drivers, events) => {
    const output = await takeWatchedOutput(bell, drivers, events, 'bell');
    return { driver: `relay by ${drivers.gpio}`, ...output, on: (limit) => output.on(limit + LATE) };
  },
};

/** Somebody else has the card: told when to ring, and when no longer. */
function soundCard(wav: string | undefined, events: PartEvents): Sounder {
  let rings = false;
  return {
    driver: 'sound card',
    notes: [],
    on: () => {},
    off: () => {
      if (rings) events.emit({ kind: 'ringer' });
      rings = false;
    },
    cadence: (cadence) => {
      rings = true;
      events.emit({ kind: 'ringer', cadence, ...(wav !== undefined && { wav }) });
    },
    close: async () => {},
  };
}

/** Lines that a thread toggles, the second one in opposite phase. */
async function toggled(
  drivers: Drivers,
  events: PartEvents,
  wave: Wave,
  offset: number,
  opposite?: number,
): Promise<Sounder> {
  const offsets = opposite === undefined ? [offset] : [offset, opposite];
  const lines = await takeOutputs(
    offsets.map((line) => ({ line })),
    drivers,
    events,
    'bell',
  );
  try {
    const place = { lines, offset, ...(opposite !== undefined && { opposite }) };
    const output = await drivers.pwm(place, events.failed);
    return swinging(output, wave, lines);
  } catch (error) {
    lines.close();
    throw error;
  }
}

function swinging(output: PwmOutput, wave: Wave, lines?: GpioLines): Sounder {
  return {
    driver: output.driver,
    notes: lines?.notes ?? [],
    on: (limit) => output.start(wave, limit + LATE),
    off: () => output.stop(),
    close: async () => {
      await output.close();
      lines?.close();
    },
  };
}
