/** The laboratory's own kernel module, as a person meets it: looks at displays, presses keys, pulls plugs. Inside the guest. */
import { readFileSync, writeFileSync } from 'node:fs';

const FILES = '/sys/kernel/debug/dualtone-lab';

/** Name of its I2C adapter. */
export const ADAPTER = 'dualtone laboratory';
/** Device name of its PWM chip, of two channels. */
export const PWM_CHIP = 'lab-pwm';

export const ADDRESS = { hd44780: 0x27, ssd1306: 0x3c, mcp23017: 0x20 } as const;

export type LabDevice = keyof typeof ADDRESS;

/** Pins of the expander. */
export type Pin = `${'a' | 'b'}${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}` | 'gnd';

/** Rows of the character display; codes that are not ASCII as `\xNN`, and blank while it is off. */
export function characters(): readonly string[] {
  return read('hd44780/screen').split('\n').slice(0, -1);
}

/** Eight glyphs of eight rows of five bits, as they were defined. */
export function glyphs(): readonly (readonly number[])[] {
  const rows = read('hd44780/glyphs').trimEnd().split('\n');
  return rows.map((row) => row.split(' ').map((octet) => Number.parseInt(octet, 16)));
}

/** 64 rows of 128 pixels, `#` where one shines. */
export function pixels(): readonly string[] {
  return read('ssd1306/pixels').split('\n').slice(0, -1);
}

/** What else can be seen of a device, by name; levels of the expander are hexadecimal. */
export function stateOf(device: LabDevice): Readonly<Record<string, string>> {
  const lines = read(`${device}/state`).trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' ')));
}

/** Messages, and octets in them, since the module was loaded. */
export function traffic(device: LabDevice): { readonly transfers: number; readonly octets: number } {
  return { transfers: Number(read(`${device}/transfers`)), octets: Number(read(`${device}/octets`)) };
}

/** Joins two pins of the expander, as a key between row and column does, or one to ground. */
export function press(one: Pin, other: Pin): void {
  write('mcp23017/contacts', `press ${one} ${other}`);
}

export function release(one: Pin, other: Pin): void {
  write('mcp23017/contacts', `release ${one} ${other}`);
}

/** It answers no more, and has lost what it knew when it is plugged in again. */
export function unplug(device: LabDevice): void {
  write('faults', `unplug ${device}`);
}

export function plug(device: LabDevice): void {
  write('faults', `plug ${device}`);
}

/** `hang`: each transfer times out after 200 ms; `busy`: each is refused at once; `free`: all is well. */
export function setBus(state: 'hang' | 'busy' | 'free'): void {
  write('faults', state);
}

/** Wires an interrupt line of the expander to a simulated GPIO line, by SimulatedChip.pullFile(). */
export function wireInterrupt(line: 'a' | 'b', pullFile: string): void {
  write('interrupts', `${line} ${pullFile}`);
}

const read = (file: string): string => readFileSync(`${FILES}/${file}`, 'utf8');
const write = (file: string, text: string): void => writeFileSync(`${FILES}/${file}`, text);
