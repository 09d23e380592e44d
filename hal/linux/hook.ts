/** The hook switch on a GPIO line. */
import type { ProfileOf } from '../boards/schema.ts';
import { HookSwitch } from '../parts/hook_switch.ts';
import { Clockwork } from './clockwork.ts';
import { watchContacts } from './contacts.ts';
import type { OpenPart } from './part.ts';
import { simplePart } from './simple_part.ts';

export const open: OpenPart<ProfileOf<'hook'>> = async (profile, drivers, events) => {
  const { min: flashMin, max: flashMax } = profile.flash ?? drivers.country.flash;
  const { debounce, offHook } = profile;
  const hook = new HookSwitch({ flashMin, flashMax, offHook, ...(debounce !== undefined && { debounce }) });
  const clockwork = new Clockwork(hook, drivers.timing, (event) => events.emit(event));
  const contacts = await watchContacts(drivers, events, 'hook', { hook: profile }, (_, closed, at) =>
    clockwork.give({ kind: 'level', closed }, at),
  );
  return simplePart({
    name: 'hook',
    driver: drivers.gpio,
    notes: contacts.notes,
    close: () => {
      contacts.close();
      clockwork.stop();
    },
  });
};
