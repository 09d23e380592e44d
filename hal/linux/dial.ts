/** A rotary dial: each digit is told as a key that is pressed and let go. */
import type { ProfileOf } from '../boards/schema.ts';
import { type DialWiring, PulseDial } from '../parts/pulse_dial.ts';
import { Clockwork } from './clockwork.ts';
import { type ContactProfile, watchContacts } from './contacts.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

export const open: OpenPart<ProfileOf<'dial'>> = async ({ pulse, offNormal, coding }, drivers, events) => {
  const wiring: DialWiring = {
    pulse: pulse.contact,
    ...(offNormal !== undefined && { offNormal: offNormal.contact }),
    coding: coding ?? drivers.country.coding,
  };
  const clockwork = new Clockwork(new PulseDial(wiring), drivers.timing, (event) => {
    if (event.kind !== 'digit') return;
    events.emit({ kind: 'key', key: event.digit, down: true });
    events.emit({ kind: 'key', key: event.digit, down: false });
  });
  const wired: Record<string, ContactProfile> = { pulse, ...(offNormal && { 'off-normal': offNormal }) };
  const contacts = await watchContacts(drivers, events, 'dial', wired, (name, closed, at) =>
    clockwork.give({ kind: 'level', contact: name === 'pulse' ? 'pulse' : 'off-normal', closed }, at),
  );
  return simplePart({
    name: 'dial',
    driver: drivers.gpio,
    notes: contacts.notes,
    close: () => {
      contacts.close();
      clockwork.stop();
    },
  });
};
