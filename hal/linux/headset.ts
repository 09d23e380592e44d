/** The contact of a headset's socket. */
import type { ProfileOf } from '../boards/schema.ts';
import { Contact } from '../parts/contact.ts';
import { Clockwork } from './clockwork.ts';
import { watchContacts } from './contacts.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

/** ms: a plug scrapes for longer than a switch bounces. */
const PLUG = 100;

export const open: OpenPart<ProfileOf<'headset'>> = async (profile, drivers, events) => {
  const whilePlugged = profile.plugged === 'closed';
  const clockwork = new Clockwork(new Contact(profile.debounce ?? PLUG), drivers.timing, ({ closed }) =>
    events.emit({ kind: 'headset', plugged: closed === whilePlugged }),
  );
  const contacts = await watchContacts(drivers, events, 'headset', { socket: profile }, (_, closed, at) =>
    clockwork.give({ kind: 'level', closed }, at),
  );
  return simplePart({
    name: 'headset',
    driver: drivers.gpio,
    notes: contacts.notes,
    close: () => {
      contacts.close();
      clockwork.stop();
    },
  });
};
