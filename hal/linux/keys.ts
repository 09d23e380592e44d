/** Keys that have a line each. */
import type { ProfileOf } from '../boards/schema.ts';
import { Contact } from '../parts/contact.ts';
import { keyEvents } from '../parts/key_names.ts';
import { Clockwork } from './clockwork.ts';
import { watchContacts } from './contacts.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

export const open: OpenPart<ProfileOf<'keys'>> = async ({ keys, debounce }, drivers, events) => {
  const clockworks = keys.map(({ key }) => {
    const contact = new Contact(debounce);
    // A key that is held at the start is pressed then; one at rest says nothing.
    contact.handle({ kind: 'level', closed: false }, Number.NEGATIVE_INFINITY);
    contact.handle({ kind: 'tick' }, 0);
    return new Clockwork(contact, drivers.timing, ({ closed }) => {
      for (const event of keyEvents(key, closed)) events.emit(event);
    });
  });
  const wired = Object.fromEntries(keys.map((key, index) => [`${index}`, key]));
  const contacts = await watchContacts(drivers, events, 'keys', wired, (index, closed, at) =>
    clockworks[Number(index)]?.give({ kind: 'level', closed }, at),
  );
  return simplePart({
    name: 'keys',
    driver: drivers.gpio,
    notes: contacts.notes,
    close: () => {
      contacts.close();
      for (const clockwork of clockworks) clockwork.stop();
    },
  });
};
