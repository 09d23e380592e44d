/** A rotary encoder that is the volume. */
import type { ProfileOf } from '../boards/schema.ts';
import { RotaryEncoder } from '../parts/rotary_encoder.ts';
import { watchContacts } from './contacts.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

export const open: OpenPart<ProfileOf<'encoder'>> = async ({ a, b, quarters }, drivers, events) => {
  const encoder = new RotaryEncoder(quarters);
  const contacts = await watchContacts(drivers, events, 'encoder', { a, b }, (contact, closed) => {
    for (const { step } of encoder.handle({ kind: 'level', contact, closed }))
      events.emit({ kind: 'volume', step });
  });
  return simplePart({
    name: 'encoder',
    driver: drivers.gpio,
    notes: contacts.notes,
    close: () => contacts.close(),
  });
};
