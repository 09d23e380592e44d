/**
 * Built-in numbers: they work without account, server or network. They lie beside the star codes that
 * exchanges use (*72, *73, *78, *79, *90, *92, *67, *69) and are asked before any of those leaves the phone.
 */
import type { Tone } from '#media/types.ts';
import { en } from './texts/en.ts';

export type Service = 'echo' | 'tone' | 'own-number' | 'network';

export interface BuiltInNumber {
  readonly number: string;
  readonly service: Service;
  /** First line of the display, also the `peer` in the list of calls. */
  readonly title: string;
  /** Second line: what to do. */
  readonly hint: string;
}

export const BUILT_IN_NUMBERS: readonly BuiltInNumber[] = [
  { number: '*41', service: 'echo', title: en.echoTest, hint: en.saySomething },
  { number: '*42', service: 'tone', title: en.toneTest, hint: '1004 Hz' },
  { number: '*43', service: 'own-number', title: en.ownNumber, hint: '' },
  { number: '*44', service: 'network', title: en.network, hint: '' },
];

/** `*47a*b*c*d` calls an IPv4 address, `*47a*b*c*d*port` one of its ports: the habit of telephone adapters. */
export const DIRECT_IP_PREFIX = '*47';

/** The test tone of telephony: 1004 Hz, beside 1000 Hz so that it is no divisor of the sampling rate. */
export const TEST_TONE: Tone = { intro: [], loop: [{ hz: [1004], ms: 0 }] };

export function builtInNumber(number: string): BuiltInNumber | undefined {
  return BUILT_IN_NUMBERS.find((row) => row.number === number);
}
