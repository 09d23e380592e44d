/** Calls of a desk telephone with a matrix keypad, a display of pixels and a bell that is its loudspeaker. */
import { tellCalls } from './calls.ts';
import { rangAloud } from './ringing.ts';

tellCalls({
  title: 'with a matrix keypad it calls and is called',
  board: 'desk-matrix-oled',
  country: 'GB',
  dialTone: [350, 440],
  ringback: [400, 450],
  elsewhere: [480, 620],
  ringing: 6500,
  rang: rangAloud([400, 200, 400, 2000]),
});
