/** The enable line of an amplifier: on while its loudspeaker is wanted, so that it neither hisses nor warms at rest. */
import type { ProfileOf } from '../boards/schema.ts';
import type { SoundRoute } from '../types.ts';
import { halErrorOf } from './error.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

/** ms: rings no longer than that, whatever the telephone says. */
const LONGEST_RING = 300_000;

export const open: OpenPart<ProfileOf<'amplifier'>> = async (profile, drivers, events) => {
  const { line, active, for: uses } = profile;
  const lines = await drivers.lines(
    [{ offset: line, direction: 'out', activeLow: active === 'low', value: 0 }],
    'amplifier',
  );
  let rings = false;
  let route: SoundRoute | undefined;
  let callOff = () => {};
  const set = (): void => {
    const wanted = (rings && uses.includes('bell')) || uses.some((use) => use === route);
    lines.write(new Map([[line, wanted ? 1 : 0]]));
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
    notes: lines.notes,
    perform: (command) => {
      if (command.kind === 'bell') ring(command.cadence !== undefined);
      if (command.kind !== 'route') return;
      route = command.to;
      set();
    },
    close: () => {
      callOff();
      try {
        lines.write(new Map([[line, 0]]));
      } finally {
        lines.close();
      }
    },
  });
};
