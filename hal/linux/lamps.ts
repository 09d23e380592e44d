/** Lamps on lines that switch them: each follows its pattern. */
import type { ProfileOf } from '../boards/schema.ts';
import { SwitchedLamps } from '../parts/switched_lamps.ts';
import { halErrorOf } from './error.ts';
import type { Level } from './gpio/types.ts';
import { takeOutputs } from './outputs.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

export const open: OpenPart<ProfileOf<'lamps'>> = async ({ lamps }, drivers, events) => {
  const { timing } = drivers;
  const lines = await takeOutputs(lamps, drivers, events, 'lamps');
  const patterns = new SwitchedLamps(lamps.map(({ name, line }) => ({ name, pin: `${line}` })));
  let callOff = () => {};
  const follow = (): void => {
    callOff();
    const now = timing.now();
    const lit = patterns.litAt(now);
    lines.write(new Map(lamps.map(({ line }): [number, Level] => [line, lit.has(`${line}`) ? 1 : 0])));
    const change = patterns.nextChange(now);
    if (change < Number.POSITIVE_INFINITY) callOff = timing.after(change - now, followOn);
  };
  const followOn = (): void => {
    try {
      follow();
    } catch (error) {
      events.failed(halErrorOf(error, 'lamps'));
    }
  };
  return simplePart({
    name: 'lamps',
    driver: drivers.gpio,
    notes: lines.notes,
    perform: (command) => {
      if (command.kind !== 'lamp') return;
      patterns.set(command.name, command.pattern, timing.now());
      follow();
    },
    close: () => {
      callOff();
      try {
        lines.write(new Map(lamps.map(({ line }): [number, Level] => [line, 0])));
      } finally {
        lines.close();
      }
    },
  });
};
