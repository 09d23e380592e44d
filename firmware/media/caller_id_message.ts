/**
 * What a telephone is told of a caller, as octets (GR-30-CORE, ETSI EN 300 659-3).
 *
 *   single data message     | 04 | length | MMDDHHMM number                    | checksum |
 *   multiple data message   | 80 | length | 01 8 MMDDHHMM | 02 n number | …    | checksum |
 *
 * The checksum makes the sum of all octets 0 modulo 256. Instead of a number or a name stands why there is none:
 * P for withheld, O for not known.
 */
import type { CallerIdentity, CallTime } from './types.ts';

/** `single`: number only; `etsi`: with the call type in front, as European telephones want it. */
export type MessageForm = 'single' | 'multiple' | 'etsi';

const TYPE = { single: 0x04, multiple: 0x80, singleWaiting: 0x06, waiting: 0x82 } as const;
const PARAMETER = {
  time: 0x01,
  number: 0x02,
  numberAbsent: 0x04,
  name: 0x07,
  nameAbsent: 0x08,
  indicator: 0x0b,
  callType: 0x11,
} as const;
const VOICE_CALL = 0x01;
const ABSENT = { withheld: 'P', unknown: 'O' } as const;
/** What displays of the field take. */
const LONGEST = { number: 20, name: 15 } as const;

/** Tells who calls. */
export function callerIdMessage(form: MessageForm, caller: CallerIdentity, time: CallTime): Uint8Array {
  const number = caller.withheld ? '' : dialledDigits(caller.number ?? '');
  const absent = caller.withheld ? ABSENT.withheld : ABSENT.unknown;
  const when = [time.month, time.day, time.hour, time.minute].map(twoDigits).join('');
  if (form === 'single') return message(TYPE.single, octetsOf(when + (number || absent)));
  const name = caller.withheld ? '' : plainName(caller.name ?? '');
  return message(TYPE.multiple, [
    ...(form === 'etsi' ? [PARAMETER.callType, 1, VOICE_CALL] : []),
    ...parameter(PARAMETER.time, when),
    ...(number ? parameter(PARAMETER.number, number) : parameter(PARAMETER.numberAbsent, absent)),
    ...nameParameter(name, caller.withheld === true),
  ]);
}

/** Lights the lamp for messages, or puts it out. */
export function messageWaiting(on: boolean): Uint8Array {
  return message(TYPE.waiting, [PARAMETER.indicator, 1, on ? 0xff : 0x00]);
}

/** The characters that can be dialled, of any way to write a number. */
export function dialledDigits(number: string): string {
  return number.replace(/[^0-9*#]/g, '').slice(0, LONGEST.number);
}

function nameParameter(name: string, withheld: boolean): readonly number[] {
  if (name !== '') return parameter(PARAMETER.name, name);
  return withheld ? parameter(PARAMETER.nameAbsent, ABSENT.withheld) : [];
}

/** Displays know ASCII: accents go, what is left over becomes nothing. */
function plainName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, LONGEST.name);
}

function parameter(type: number, text: string): readonly number[] {
  return [type, text.length, ...octetsOf(text)];
}

function message(type: number, body: readonly number[]): Uint8Array {
  const octets = [type, body.length, ...body];
  const sum = octets.reduce((total, octet) => total + octet, 0);
  return Uint8Array.of(...octets, -sum & 0xff);
}

function octetsOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

function twoDigits(value: number): string {
  return String(Math.trunc(value) % 100).padStart(2, '0');
}
