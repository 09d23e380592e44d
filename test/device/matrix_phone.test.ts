/** The firmware with a matrix keypad on GPIO and a display of pixels. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { until } from '../support/process.ts';
import { builtKernel, labModule } from './kernel.ts';
import { Puppet } from './puppet.ts';

const kernel = builtKernel();
const LIMIT = 60_000;
const LABEL = 'pinctrl-bcm2711';
const PROFILE = 'hal/boards/desk-matrix-oled.json';

interface Keypad {
  readonly kind: 'keypad';
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  settle?: number;
}

/** The profile as it is, but for the time that simulated lines take to follow. */
function slowed(): { readonly text: string; readonly keypad: Keypad } {
  const board: { readonly parts: readonly (Keypad | { readonly kind: string })[] } = JSON.parse(
    readFileSync(PROFILE, 'utf8'),
  );
  const keypad = board.parts.find((part): part is Keypad => part.kind === 'keypad');
  if (keypad === undefined) throw new Error(`${PROFILE} has no keypad`);
  keypad.settle = 60;
  return { text: JSON.stringify(board), keypad };
}

/** How many pixels shine. */
const shining = (rows: readonly string[]): number => rows.join('').replaceAll('.', '').length;

if (kernel === undefined) {
  test.skip("a matrix keypad and a display of pixels (needs the guest's kernel: npm run device-lab)", (t) =>
    t.fail());
} else {
  test('keys of a matrix are heard, and the display of pixels changes with them', async (t) => {
    t.timeout(LIMIT + 10_000);
    const puppet = new Puppet({ kernel, limit: LIMIT, modules: [`${labModule()} bus=1`], megabytes: 512 });
    t.teardown(() => puppet.guest.stop());
    const { text, keypad } = slowed();
    const config = {
      schema: 'dualtone.config/1',
      audio: { input: 'tone:440', output: 'file:/run/heard.wav' },
      accounts: [],
    };
    await puppet.does('makeChip', LABEL, 58);
    await puppet.does('pull', LABEL, 17, 1);
    await puppet.does('makeKeypad', LABEL, keypad.rows, keypad.columns);
    await puppet.does('write', '/run/config.json', JSON.stringify(config));
    await puppet.does('write', '/run/board.json', text);
    const files = ['--config', '/run/config.json', '--data', '/run/data', '--board', '/run/board.json'];
    await puppet.does('start', 'phone', ['firmware/main.ts', 'run', '--http', 'off', ...files]);
    const explain = (): string => puppet.guest.printed;
    await until('pixels shine', async () => shining(await puppet.does('pixels')) > 50, 20_000, explain);
    await puppet.does('pull', LABEL, 17, 0);
    const screen = async (): Promise<string> =>
      puppet.does(
        'shell',
        `${process.execPath} --no-warnings firmware/main.ts screen --json --data /run/data`,
      );
    await until('the phone is off hook', async () => (await screen()).includes('Dial'), 10_000, explain);
    const before = await puppet.does('pixels');
    for (const [row, column] of [
      [0, 0],
      [1, 1],
      [2, 2],
    ] as const) {
      await puppet.does('pressMatrix', LABEL, row, column);
      await sleep(1000);
      await puppet.does('releaseMatrix', LABEL, row, column);
      await sleep(1000);
    }
    // Without an account there is nobody to call, which the log tells once the number is whole.
    await until('159 was dialled', () => /can call 159:/.test(puppet.guest.printed), 15_000, explain);
    t.notDeepEqual(await puppet.does('pixels'), before);
    t.log((await puppet.does('pixels')).filter((row) => row.includes('#')).map((row) => row.slice(0, 60)));
    t.is(await puppet.does('end', 'phone', 'SIGTERM'), 0);
    await puppet.leave();
  });
}
