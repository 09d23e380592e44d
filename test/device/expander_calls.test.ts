/** Calls of a desk telephone with keys on an expander, a character display and a buzzer. */
import { followsCadence, stepsOf } from './cadence.ts';
import { tellCalls } from './calls.ts';

const BUZZER = '/sys/class/pwm/pwmchip0/pwm1/enable';
/** Port B's pin 4: `levels` has B in its high octet. */
const LINE_LAMP = 0x1000;

tellCalls({
  title: 'with keys on an expander it calls and is called',
  board: 'desk-mcp-lcd',
  country: 'GB',
  dialTone: [350, 440],
  ringback: [400, 450],
  elsewhere: [480, 620],
  ringing: 6500,
  offHook: async (t, phone) => {
    const { levels = '' } = await phone.puppet.does('stateOf', 'mcp23017');
    t.not(Number.parseInt(levels, 16) & LINE_LAMP, 0, levels);
  },
  beforeRing: (phone) => phone.puppet.does('watch', 'bell', { buzzer: BUZZER }),
  rang: async (t, phone, _, answered) => {
    const changes = await phone.puppet.does('watched', 'bell');
    const whole = changes.filter(({ at }) => at < answered);
    followsCadence(t, stepsOf(whole, 'buzzer'), [400, 200, 400, 2000]);
    t.is(changes.at(-1)?.text, '0');
  },
});
