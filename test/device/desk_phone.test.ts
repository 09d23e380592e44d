/** The built firmware with the profile of a desk telephone, unchanged, on the laboratory's devices. */
import test from 'ava';
import { until } from '../support/process.ts';
import { builtKernel, labModule } from './kernel.ts';
import { Puppet } from './puppet.ts';

const kernel = builtKernel();
const LABEL = 'pinctrl-bcm2711';
const CONFIG = { schema: 'dualtone.config/1', audio: { input: 'tone:440', output: 'file:/run/heard.wav' }, accounts: [] };

if (kernel === undefined) {
  test.skip("keys and display of an expander board (needs the guest's kernel: npm run device-lab)", (t) =>
    t.fail());
} else {
  test('a desk telephone with expander and character display shows the digits that are pressed', async (t) => {
    const limit = 50_000;
    t.timeout(limit + 10_000);
    const modules = [`${labModule()} bus=1 pwm=fe20c000.pwm`];
    const puppet = new Puppet({ kernel, limit, modules, megabytes: 512 });
    t.teardown(() => puppet.guest.stop());
    await puppet.does('makeChip', LABEL, 58);
    await puppet.does('pull', LABEL, 17, 1);
    await puppet.does('wireInterrupt', 'a', LABEL, 4);
    await puppet.does('write', '/run/config.json', JSON.stringify(CONFIG));
    const board = ['--board', 'hal/boards/desk-mcp-lcd.json'];
    const files = ['--config', '/run/config.json', '--data', '/run/data', '--http', 'off'];
    await puppet.does('start', 'phone', ['firmware/main.ts', 'run', ...files, ...board]);
    const showing = (what: RegExp) =>
      until(
        `the display shows ${what}`,
        async () => what.test((await puppet.does('characters')).join('\n')),
        15_000,
        () => puppet.guest.printed,
      );
    await showing(/\w/);
    t.log(await puppet.does('characters'));
    await puppet.does('pull', LABEL, 17, 0);
    for (const [row, column] of [
      ['a0', 'b1'],
      ['a2', 'b0'],
      ['a0', 'b1'],
    ] as const) {
      await puppet.does('pressExpander', row, column);
      await puppet.does('shell', 'sleep 0.15');
      await puppet.does('releaseExpander', row, column);
      await puppet.does('shell', 'sleep 0.15');
    }
    await showing(/272/);
    t.log(await puppet.does('characters'));
    t.is(await puppet.does('end', 'phone', 'SIGTERM'), 0);
    await puppet.leave();
  });
}
