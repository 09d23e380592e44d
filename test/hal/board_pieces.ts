/** Pieces of board profiles, and what the reader has against those made of them. */
import { RASPBERRY_PI } from '#hal/boards/conflicts.ts';
import { BoardError, readBoard } from '#hal/boards/read.ts';

/** Each as `path: reason`. */
export function problems(value: unknown): readonly string[] {
  try {
    readBoard(value, 'mine.json');
    return [];
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    return error.problems.map(({ path, reason }) => `${path}: ${reason}`);
  }
}

/** A profile on the header of a Raspberry Pi. */
export const board = (parts: readonly object[], more: object = {}) => ({
  schema: 'dualtone.board/1',
  name: 'mine',
  description: '',
  driver: 'linux',
  gpio: { chip: RASPBERRY_PI },
  parts,
  ...more,
});

export const HOOK = { kind: 'hook', line: 17 };
export const OLED = { kind: 'display-ssd1306', address: '0x3c', width: 128, height: 64 };
export const LCD = { kind: 'display-hd44780', address: '0x27', columns: 20, lines: 4 };
export const KEYPAD = { kind: 'keypad', rows: [5, 6], columns: [12], keys: [['1'], ['2']] };
export const PWM = { chip: ['fe20c000.pwm'], channel: 0 };
export const BUZZER = { kind: 'bell', driver: 'buzzer', line: 12, pwm: PWM };
export const SLIC = { kind: 'line-interface', module: 'AG1171', shk: { line: 22 }, rm: 23, fr: 18, pwm: PWM };
export const I2C = { i2c: { bus: 1 } };
export const I2S = { sound: { input: 'a', output: 'a', by: 'i2s' } };
export const EXPANDER = {
  kind: 'keypad-mcp23017',
  address: '0x20',
  rows: ['A0'],
  columns: ['B0'],
  keys: [['1']],
};
