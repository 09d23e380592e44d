/** The enable line of an amplifier: on while its loudspeaker is wanted, so that it neither hisses nor warms at rest. */
import type { ProfileOf } from '../boards/schema.ts';
import type { SoundRoute } from '../types.ts';
import { halErrorOf } from './error.ts';
import { takeWatchedOutput } from './outputs.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

/** ms: rings no longer than that, whatever the telephone says. */
const LONGEST_RING = 300_000;

export const open: OpenPart<ProfileOf<'amplifier'>> = async (profile, drivers, events) => {
  const { for: uses } = profile;
  const output = await takeWatchedOutput(profile, drivers, events, 'amplifier');
  let rings = false;
  let route: SoundRoute | undefined;
  let callOff = () => {};
  const set = (): void => {
    if (uses.some((use) => use === route)) output.on(Number.POSITIVE_INFINITY);
    else if (rings && uses.includes('bell')) output.on(LONGEST_RING);
    else output.off();
  };
  const ring = (on: boolean): void => {
    callOff();
    rings = on;
    if (on) callOff = drivers.timing.after(LONGEST_RING, () => ring(false));
    try {
      set();
    } catch (error) {
      events.failed(halErrorOf(error, 'amplifier'));
    }
  };
  return simplePart({
    name: 'amplifier',
    driver: drivers.gpio,
    notes: output.notes,
    perform: (command) => {
      if (command.kind === 'bell') ring(command.cadence !== undefined);
      if (command.kind !== 'route') return;
      route = command.to;
      set();
    },
    close: () => {
      callOff();
      return output.close();
    },
  });
};
