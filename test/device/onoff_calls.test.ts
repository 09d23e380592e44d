/** The same as matrix_calls.test.ts where there is no character device for GPIO, but sysfs and the package onoff. */
import { tellCalls } from './calls.ts';
import { rangAloud } from './ringing.ts';

tellCalls({
  title: 'with GPIO by onoff it calls and is called',
  board: 'desk-matrix-oled',
  onoff: true,
  country: 'NL',
  dialTone: [425],
  ringback: [425],
  elsewhere: [350, 440, 480],
  ringing: 7000,
  offHook: async (t, phone) => {
    t.is((await phone.partIs('keypad', 'ok')).driver, 'onoff');
    t.is((await phone.partIs('hook', 'ok')).driver, 'onoff');
  },
  rang: rangAloud([1000, 4000]),
});
