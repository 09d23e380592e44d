/**
 * The pins of an HD44780 behind a PCF8574: what is written to the port is the level of eight pins. Four bits are
 * taken over when E falls, the upper half of an octet first.
 *
 *     P7 P6 P5 P4 | P3        | P2 | P1  | P0
 *     D7 D6 D5 D4 | backlight | E  | R/W | RS
 *
 * RS has to stand before E rises (tAS, 60 ns, data sheet table "Write Operation"), and the port changes all pins at
 * once, so a change of RS has a stroke of its own; D4 to D7 need only stand before E falls. The first octet of a
 * transfer is always such a stroke. A PCF8574 is specified for 100 kHz, where an octet takes 90 µs: every instruction
 * but two is done (37 µs) before the next half arrives.
 */
import { type Transfer, transfer } from './transfer.ts';

export const PIN = { RS: 0x01, RW: 0x02, E: 0x04, BACKLIGHT: 0x08 } as const;

export interface Stroke {
  /** Character or glyph data; else an instruction. */
  readonly data: boolean;
  readonly octet: number;
  /** Only the upper half: while the interface still may be 8 bits wide. */
  readonly half?: boolean;
}

export const instruction = (octet: number): Stroke => ({ data: false, octet });
export const half = (nibble: number): Stroke => ({ data: false, octet: nibble << 4, half: true });
export const data = (octet: number): Stroke => ({ data: true, octet });

/** One transfer of them all; 7 instructions, or one and 6 of data, fill it. */
export function strokes(list: readonly Stroke[], backlight: boolean, wait = 0): Transfer {
  const light = backlight ? PIN.BACKLIGHT : 0;
  let level = light | (list[0]?.data ? PIN.RS : 0);
  const [first] = [level];
  const octets: number[] = [];
  for (const { data, octet, half } of list) {
    const select = light | (data ? PIN.RS : 0);
    if (select !== level) octets.push(select);
    level = select;
    for (const nibble of half ? [octet & 0xf0] : [octet & 0xf0, (octet << 4) & 0xf0])
      octets.push(nibble | select | PIN.E, nibble | select);
  }
  return transfer(first, octets.length === 0 ? [first] : octets, wait);
}
