/** Outputs of a board profile that could do harm if they were left on: bells, amplifiers, line modules. */
import * as v from 'valibot';
import { CALLER_ID_SCHEMES } from '../parts/caller_id_procedure.ts';
import { coding, contactKeys, flash, line, milliseconds, output, pwmChannel } from './schema_values.ts';

const kind = v.literal('bell');
/** Hz. */
const buzz = v.pipe(v.number(), v.minValue(100), v.maxValue(2000));
/** Hz; telephone bells are made for 16 to 50. */
const ring = v.pipe(v.number(), v.minValue(15), v.maxValue(60));
/** ms of one burst: longer ones heat the coil (telephone bells: 2 s). */
const burst = v.pipe(milliseconds, v.minValue(100), v.maxValue(2000));

export const bell = v.variant('driver', [
  /** The telephone's own sound card: a WAV file, or where there is none, two gongs. */
  v.strictObject({ kind, driver: v.literal('sound'), wav: v.exactOptional(v.string()) }),
  /** ALSA's default device, by the package speaker in a process of its own. */
  v.strictObject({ kind, driver: v.literal('speaker'), wav: v.optional(v.string()) }),
  /** A piezo disc or a loudspeaker at a transistor. */
  v.strictObject({
    kind,
    driver: v.literal('buzzer'),
    line,
    pwm: v.optional(pwmChannel),
    hertz: v.optional(buzz, 1000),
  }),
  /** The ends of a mechanical bell's coil, each at a switching transistor. */
  v.strictObject({
    kind,
    driver: v.literal('coil'),
    a: line,
    b: line,
    /** Absent: the country's. */
    hertz: v.optional(ring),
    burst: v.optional(burst, 2000),
  }),
  /** Anything that sounds or blinks by itself while it has current. */
  v.strictObject({ kind, driver: v.literal('relay'), ...output.entries }),
]);

export const amplifier = v.strictObject({
  kind: v.literal('amplifier'),
  ...output.entries,
  /** When it is wanted. */
  for: v.pipe(v.array(v.picklist(['bell', 'speaker', 'handset', 'headset'])), v.minLength(1)),
});

export const lineInterface = v.strictObject({
  kind: v.literal('line-interface'),
  module: v.picklist(['AG1170', 'AG1171', 'KS0835F']),
  /** Switch hook: current flows in the loop. */
  shk: v.strictObject({ ...contactKeys, active: v.optional(v.picklist(['low', 'high']), 'high') }),
  /** Ring mode: makes the ringing voltage. */
  rm: line,
  /** Forward/reverse: turns the line over. */
  fr: line,
  /** Where a channel of the chip can toggle `fr`; absent: a thread does. */
  pwm: v.optional(pwmChannel),
  /** Power down; absent: it is always on. */
  pd: v.optional(line),
  /** Absent: the country's. */
  hertz: v.optional(ring),
  burst: v.optional(burst, 2000),
  debounce: v.optional(milliseconds),
  /** Absent: the country's, as with the next two. */
  flash: v.optional(flash),
  coding: v.optional(coding),
  /** How the telephone is told who calls; `off`: not at all. */
  callerId: v.optional(v.picklist([...CALLER_ID_SCHEMES, 'off'])),
});
