/** The 40-pin header of a Raspberry Pi: what is on each pin, in the order of its numbers. */

export type HeaderPin = number | '3V3' | '5V' | 'GND';

/** Pin 1 first: a number is a GPIO line. */
export const HEADER: readonly HeaderPin[] = [
  ...(['3V3', '5V', 2, '5V', 3, 'GND', 4, 14, 'GND', 15] as const),
  ...([17, 18, 27, 'GND', 22, 23, '3V3', 24, 10, 'GND'] as const),
  ...([9, 25, 11, 8, 'GND', 7, 0, 1, 5, 'GND'] as const),
  ...([6, 12, 13, 'GND', 19, 16, 26, 20, 'GND', 21] as const),
];

/** 1 to 40. */
export function pinOf(line: number): number {
  const index = HEADER.indexOf(line);
  if (index < 0) throw new RangeError(`line ${line} is not on the header`);
  return index + 1;
}
