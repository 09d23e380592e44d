/** What a person is asked to do at each part of a board, and how the telephone knows that it was done. */
import type { BoardProfile, LinuxBoard, PartProfile } from '../boards/schema.ts';
import { type KeyName, keyEvents } from '../parts/key_names.ts';
import type { HalCommand, HalEvent } from '../types.ts';

export type Step =
  /** Passed when this event comes. */
  | { readonly kind: 'do'; readonly part: string; readonly say: string; readonly event: HalEvent }
  /** Passed when the person says yes. `show` is undone by `after`. */
  | {
      readonly kind: 'look';
      readonly part: string;
      readonly say: string;
      readonly show: readonly HalCommand[];
      readonly after: readonly HalCommand[];
    }
  /** The same for ears: a tone, or one's own voice. */
  | { readonly kind: 'hear'; readonly part: 'sound'; readonly say: string; readonly sound: 'tone' | 'echo' };

export const SOUND_STEPS: readonly Step[] = [
  { kind: 'hear', part: 'sound', say: 'Hold the handset to your ear. Do you hear a tone', sound: 'tone' },
  { kind: 'hear', part: 'sound', say: 'Speak into it. Do you hear yourself', sound: 'echo' },
];

export const DISPLAY_TEXT = ['Dualtone selftest', 'äöüß éèê ñçø', '0123456789*#', 'the last line'];
/** ms of the bell in a test. */
const RING = [1000, 1000];

/** In the order of the profile; a simulated board has no hands. `names` are those of the handset's parts. */
export function stepsOf(board: BoardProfile, names: readonly string[]): readonly Step[] {
  if (board.driver === 'sim') return [];
  return board.parts.flatMap((part, index) => stepsOfPart(part, names[index] ?? part.kind, board));
}

function stepsOfPart(profile: PartProfile, part: string, board: LinuxBoard): readonly Step[] {
  const hand = (say: string, event: HalEvent): Step => ({ kind: 'do', part, say, event });
  const look = (say: string, show: HalCommand, after: HalCommand): Step => ({
    kind: 'look',
    part,
    say,
    show: [show],
    after: [after],
  });
  const press = (key: KeyName): Step[] =>
    keyEvents(key, true).map((event) => hand(`Press ${keyLabel(key)}`, event));
  const lamp = (name: string): Step =>
    look(
      `Does the lamp "${name}" blink`,
      { kind: 'lamp', name, pattern: 'fast' },
      { kind: 'lamp', name, pattern: 'off' },
    );
  switch (profile.kind) {
    case 'hook':
    case 'line-interface':
      return hookSteps(
        profile.kind === 'hook' ? 'the handset' : 'the handset of the telephone on the line',
        hand,
      );
    case 'keypad':
      return profile.keys.flat().flatMap((key) => (key === null ? [] : press(key)));
    case 'keypad-mcp23017':
      return [
        ...profile.keys.flat().flatMap((key) => (key === null ? [] : press(key))),
        ...profile.single.flatMap(({ key }) => press(key)),
        ...profile.lamps.map(({ name }) => lamp(name)),
      ];
    case 'keys':
      return profile.keys.flatMap(({ key }) => press(key));
    case 'encoder':
      return [
        hand('Turn the knob clockwise', { kind: 'volume', step: 1 }),
        hand('Turn the knob back', { kind: 'volume', step: -1 }),
      ];
    case 'dial':
      return (['1', '5', '0'] as const).map((key) => hand(`Dial ${key}`, { kind: 'key', key, down: true }));
    case 'headset':
      return [
        hand('Plug a headset in', { kind: 'headset', plugged: true }),
        hand('Pull it out', { kind: 'headset', plugged: false }),
      ];
    case 'lamps':
      return profile.lamps.map(({ name }) => lamp(name));
    case 'display-hd44780':
    case 'display-ssd1306':
      return [
        look(
          `Does the display read "${DISPLAY_TEXT[0]}"`,
          { kind: 'display', lines: DISPLAY_TEXT },
          { kind: 'display', lines: [] },
        ),
      ];
    case 'bell':
      if (profile.driver === 'sound' && board.sound === undefined) return [];
      return [look('Does the bell ring', { kind: 'bell', cadence: RING }, { kind: 'bell' })];
    case 'amplifier':
      return [];
  }
}

function hookSteps(what: string, hand: (say: string, event: HalEvent) => Step): readonly Step[] {
  return [
    hand(`Lift ${what}`, { kind: 'hook', state: 'off' }),
    hand('Tap the hook switch for a moment (a flash)', { kind: 'flash' }),
    hand(`Put ${what} down`, { kind: 'hook', state: 'on' }),
  ];
}

function keyLabel(key: KeyName): string {
  return key === 'flash' ? 'the recall key (R)' : key.length === 1 ? key : `the key "${key}"`;
}

/** Commands that try every output without noise, for a test that nobody watches. */
export function silentTrial(steps: readonly Step[]): readonly HalCommand[] {
  return steps.flatMap((step) =>
    step.kind === 'look' ? step.show.filter(({ kind }) => kind !== 'bell') : [],
  );
}
