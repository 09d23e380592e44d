/** Finds out how a rotary dial is wired: a person dials the digits that are asked for. */
import type { ProfileOf } from '../boards/schema.ts';
import { Clockwork } from '../linux/clockwork.ts';
import { type ContactProfile, watchContacts } from '../linux/contacts.ts';
import { HalError } from '../linux/error.ts';
import type { Drivers } from '../linux/part.ts';
import type { Digit } from '../parts/pulse_coding.ts';
import type { DialWiring } from '../parts/pulse_dial.ts';
import { PulseLearner, type PulseLearnerEvent } from '../parts/pulse_learner.ts';

/** Only one coding makes so many pulses of these. */
const ASKED: readonly Digit[] = ['1', '3', '1', '4', '1', '3'];

const UNCLEAR: Readonly<Record<Extract<PulseLearnerEvent, { kind: 'unclear' }>['reason'], string>> = {
  silent: 'no pulse came: is the contact on the line of the profile?',
  swapped: 'the pulses came on the off-normal line: change the two lines in the profile',
  stuck: 'a contact did not come back to rest',
  'no-coding': 'no dial makes so many pulses of this digit',
};

/** Rejects with a HalError when the lines cannot be had, or the dial stays unclear. */
export async function learnDial(
  { pulse, offNormal }: ProfileOf<'dial'>,
  drivers: Drivers,
  out: (line: string) => void,
): Promise<DialWiring> {
  const outcome = Promise.withResolvers<DialWiring>();
  let asked = 0;
  const ask = (): void => {
    const digit = ASKED[asked++];
    if (digit === undefined) {
      outcome.reject(new HalError('IO', 'the dial could not be learned: check its wires, and try again'));
      return;
    }
    out(`Dial ${digit}`);
    clockwork.give({ kind: 'expect', digit });
  };
  const clockwork = new Clockwork(new PulseLearner(), drivers.timing, (event: PulseLearnerEvent) => {
    if (event.kind === 'learned') outcome.resolve(event.wiring);
    else {
      out(event.kind === 'heard' ? `  ${event.pulses} pulses` : `  ${UNCLEAR[event.reason]}`);
      // After the machine has put this digit away.
      drivers.timing.after(0, ask);
    }
  });
  const wired: Record<string, ContactProfile> = { pulse, ...(offNormal && { 'off-normal': offNormal }) };
  const contacts = await watchContacts(
    drivers,
    { failed: (error) => outcome.reject(error) },
    'dial',
    wired,
    (name, closed, at) =>
      clockwork.give({ kind: 'level', contact: name === 'pulse' ? 'pulse' : 'off-normal', closed }, at),
  );
  try {
    ask();
    return await outcome.promise;
  } finally {
    clockwork.stop();
    contacts.close();
  }
}
