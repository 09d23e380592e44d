/** The selftest in a guest, as nobody watches it: what is there, what is missing, and its exit codes. */
import test from 'ava';
import { builtKernel } from './kernel.ts';
import { Telephone, type TelephoneOptions } from './telephone.ts';

const LIMIT = 60_000;
const kernel = builtKernel();

interface Trial extends Pick<TelephoneOptions, 'board' | 'onoff' | 'card'> {
  readonly title: string;
  readonly before?: (phone: Telephone) => Promise<unknown>;
  readonly says: readonly RegExp[];
  readonly code: 0 | 1;
}

const TRIALS: readonly Trial[] = [
  {
    title: 'a board whose parts are all there passes',
    board: 'desk-mcp-lcd',
    card: true,
    says: [
      /^GPIO: character device$/m,
      /^ {2}ok +hook +character device/m,
      /^ {2}ok +keypad-mcp23017 +MCP23017 at 0x20/m,
      /^ {2}ok +display-hd44780 /m,
      /^ {2}ok +bell +sysfs PWM/m,
      /^ {2}ok +sound input /m,
      /^ {2}ok +sound output /m,
      /^all is well$/m,
    ],
    code: 0,
  },
  {
    title: 'without the character device it says so, and takes onoff',
    board: 'desk-matrix-oled',
    card: true,
    onoff: true,
    says: [
      /^GPIO: onoff$/m,
      /character device: there is no \/dev\/gpiochip/,
      /^ {2}ok +keypad +onoff/m,
      /^all is well$/m,
    ],
    code: 0,
  },
  {
    title: 'parts that do not answer and a card that is missing are named, each with its reason',
    board: 'desk-mcp-lcd',
    before: ({ puppet }) => puppet.does('unplug', 'hd44780'),
    says: [
      /^ {2}failed +display-hd44780 .*0x27/m,
      /^ {2}failed +sound input .*no such card; is it plugged in\?/m,
      /^ {2}ok +hook /m,
      /failed: display-hd44780, /,
    ],
    code: 1,
  },
];

for (const { title, before, says, code, ...options } of TRIALS) {
  if (kernel === undefined) {
    test.skip(`${title} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
    continue;
  }
  test.serial(title, async (t) => {
    t.timeout(LIMIT + 10_000);
    const phone = await Telephone.wired({ kernel, limit: LIMIT, ...options, config: { audio: {} } });
    t.teardown(() => phone.puppet.guest.stop());
    await before?.(phone);
    const { output, status } = await phone.selftest();
    t.log(output);
    for (const line of says) t.regex(output, line);
    t.is(status, code);
    await phone.puppet.leave();
  });
}
