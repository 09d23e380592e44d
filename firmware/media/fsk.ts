/**
 * Data as two frequencies at 1200 bits a second (Bell 202, V.23 mode 2), as telephones on the hook listen to:
 *
 *   channel seizure 0101…  |  mark 1111…  |  octets, each 0 + 8 bits, the lowest first + 1  |  mark
 *
 * The phase goes on through every change, or the change itself would be heard as a bit.
 */
import { amplitudeOf } from './level.ts';

export interface FskModem {
  /** Hz of a one, and of rest. */
  readonly mark: number;
  /** Hz of a zero. */
  readonly space: number;
}

export const BELL_202: FskModem = { mark: 1200, space: 2200 };
export const V23: FskModem = { mark: 1300, space: 2100 };

const BAUD = 1200;
const RATE = 8000;
/** dBm0 at the line, for either frequency. */
const LEVEL = -13.5;
/** Bits of rest after the last octet, so that its stop bit has an end. */
const TAIL = 10;

/** How many bits come before the data. */
export interface Preamble {
  readonly seizure: number;
  readonly mark: number;
}

/** To a telephone on the hook, which has to wake up; and to one in a call, which listens already. */
export const ON_HOOK: Preamble = { seizure: 300, mark: 180 };
export const OFF_HOOK: Preamble = { seizure: 0, mark: 80 };

/** 8 kHz sound of a message. */
export function fskOf(modem: FskModem, preamble: Preamble, octets: Uint8Array): Int16Array {
  const bits = [
    ...Array.from({ length: preamble.seizure }, (_, index) => index % 2),
    ...Array.from({ length: preamble.mark }, () => 1),
    ...Array.from(octets).flatMap(framed),
    ...Array.from({ length: TAIL }, () => 1),
  ];
  const samples = new Int16Array(Math.round((bits.length * RATE) / BAUD));
  const amplitude = amplitudeOf(LEVEL);
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    samples[i] = Math.round(amplitude * Math.sin(phase));
    const bit = bits[Math.floor(((i + 0.5) * BAUD) / RATE)] ?? 1;
    phase += (2 * Math.PI * (bit === 1 ? modem.mark : modem.space)) / RATE;
  }
  return samples;
}

/** Start bit, eight bits, stop bit. */
function framed(octet: number): readonly number[] {
  return [0, ...Array.from({ length: 8 }, (_, bit) => (octet >> bit) & 1), 1];
}
