/** Who opens which kind of part. Each is loaded when a board has it: a telephone without a display loads no font. */
import type { LinuxBoard, PartKind, PartProfile, ProfileOf } from '../boards/schema.ts';
import { contactLine } from './contacts.ts';
import type { Drivers, OpenPart, Part, PartEvents } from './part.ts';

type Table = {
  readonly [Kind in PartKind]: (board: LinuxBoard) => Promise<OpenPart<ProfileOf<Kind>>>;
};

const PARTS: Table = {
  hook: async () => (await import('./hook.ts')).open,
  keypad: async () => (await import('./keypad.ts')).open,
  'keypad-mcp23017': async (board) => {
    const { openExpanderKeypad } = await import('./keypad_mcp23017.ts');
    return async (profile, drivers, events) => {
      const bus = await busOf(board, drivers);
      const { interrupt } = profile;
      const lines =
        interrupt === undefined
          ? undefined
          : await drivers.lines([contactLine({ line: interrupt, active: 'low' })], 'keypad interrupt');
      const { timing } = drivers;
      try {
        return await openExpanderKeypad(profile, { bus, timing, events, interrupt: lines });
      } catch (error) {
        lines?.close();
        throw error;
      }
    };
  },
  keys: async () => (await import('./keys.ts')).open,
  encoder: async () => (await import('./encoder.ts')).open,
  dial: async () => (await import('./dial.ts')).open,
  headset: async () => (await import('./headset.ts')).open,
  lamps: async () => (await import('./lamps.ts')).open,
  'display-hd44780': async (board) => {
    const { openHd44780Display } = await import('./display_hd44780.ts');
    return async (profile, drivers, events) =>
      openHd44780Display(profile, { bus: await busOf(board, drivers), timing: drivers.timing, events });
  },
  'display-ssd1306': async (board) => {
    const { openOledDisplay } = await import('./display_ssd1306.ts');
    return async (profile, drivers, events) =>
      openOledDisplay(profile, { bus: await busOf(board, drivers), timing: drivers.timing, events });
  },
  bell: async () => (await import('./bell.ts')).open,
  amplifier: async () => (await import('./amplifier.ts')).open,
  'line-interface': async () => (await import('./line_interface.ts')).open,
};

/** Rejects with a HalError. */
export async function openPart(
  board: LinuxBoard,
  profile: PartProfile,
  drivers: Drivers,
  events: PartEvents,
): Promise<Part> {
  // The table's row is that of the profile's own kind.
  const load = PARTS[profile.kind] as (board: LinuxBoard) => Promise<OpenPart<PartProfile>>;
  const open = await load(board);
  return open(profile, drivers, events);
}

function busOf({ i2c }: LinuxBoard, drivers: Drivers) {
  return drivers.i2c(i2c?.bus ?? 1);
}
