/** A test on this side plays with a guest: chips, keys, displays, programs. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { leaksIn, OUTPUTS, readOutputs } from '../../tools/leaks.ts';
import { scratch } from '../support/phone_process.ts';
import { builtKernel, labModule } from './kernel.ts';
import { Puppet } from './puppet.ts';

const kernel = builtKernel();

if (kernel === undefined) {
  test.skip("a puppet pulls, presses and looks (needs the guest's kernel: npm run device-lab)", (t) =>
    t.fail());
} else {
  const limit = 40_000;

  test('a puppet pulls, presses and looks', async (t) => {
    t.timeout(limit + 10_000);
    const puppet = new Puppet({ kernel, limit, modules: [labModule(), 'snd-aloop'] });
    t.teardown(() => puppet.guest.stop());
    await puppet.does('makeChip', 'phone', 32);
    await puppet.does('pull', 'phone', 4, 1);
    t.is(await puppet.does('level', 'phone', 4), 1);
    t.deepEqual(await puppet.does('characters'), Array(4).fill(' '.repeat(20)));
    t.regex(await puppet.does('read', '/proc/asound/cards'), /Loopback/);
    t.is((await puppet.does('shell', 'ls /dev/watchdog /dev/uinput /dev/i2c-0')).split('\n').length, 4);
    await t.throwsAsync(puppet.does('pull', 'nobody', 4, 1), { message: 'pull: there is no nobody' });
    await puppet.leave();
  });

  test('fingers follow the rows of a matrix', async (t) => {
    t.timeout(limit + 10_000);
    const puppet = new Puppet({ kernel, limit });
    t.teardown(() => puppet.guest.stop());
    await puppet.does('makeChip', 'phone', 32);
    await puppet.does('makeKeypad', 'phone', [0, 1], [2, 3]);
    await puppet.does('pressMatrix', 'phone', 1, 0);
    const driven = `
      import { chooseGpio } from '#hal/linux/gpio/choose.ts';
      const { driver } = await chooseGpio();
      const rows = [0, 1].map((offset) => ({ offset, direction: 'out', drive: 'open-drain', value: 1 }));
      const columns = [2, 3].map((offset) => ({ offset, direction: 'in' }));
      const lines = await driver.request(['phone'], [...rows, ...columns], 'keypad');
      const seen = [];
      for (const row of [0, 1]) {
        lines.write(new Map([[0, 1], [1, 1], [row, 0]]));
        await new Promise((resolve) => setTimeout(resolve, 60));
        seen.push([lines.read().get(2), lines.read().get(3)].join(''));
      }
      (await import('node:fs')).writeFileSync('/run/seen', seen.join(' '));`;
    const args = ['--no-warnings', '--input-type=module', '--eval', driven];
    await puppet.does('start', 'keypad', args);
    await puppet.does('shell', 'for n in $(seq 100); do [ -s /run/seen ] && break; sleep 0.1; done');
    t.is(await puppet.does('read', '/run/seen'), '11 01');
    await puppet.leave();
  });

  test('a guest that is not done in time is ended, and says what it printed', async (t) => {
    t.timeout(limit + 10_000);
    const puppet = new Puppet({ kernel, limit: 4000 });
    await puppet.does('shell', 'echo so far >/dev/console');
    const error = await t.throwsAsync(puppet.guest.ended, { message: /not done after 4000 ms/ });
    t.regex(error?.message ?? '', /so far/);
    await t.throwsAsync(puppet.does('level', 'phone', 1));
  });

  test('what is said in a guest is searched for secrets: console, answers, files that are left', async (t) => {
    t.timeout(limit + 10_000);
    const directory = scratch('outputs');
    const program = `
      import { secret } from './test/support/secrets.ts';
      import { Puppet } from './test/device/puppet.ts';
      const puppet = new Puppet({ kernel: ${JSON.stringify(kernel)}, limit: ${limit} });
      const [spoken, answered, left, logged] = ['spoken', 'answered', 'left', 'logged'].map((how) => secret(how + '-5ecret'));
      await puppet.does('shell', 'echo ' + spoken + ' >/dev/console; mkdir -p /run/data/provisioning');
      await puppet.does('shell', 'echo ' + answered);
      await puppet.does('shell', 'umask 077; echo ' + left + ' | tee /run/data/file >/run/data/provisioning/closed');
      await puppet.does('shell', 'echo ' + logged + ' >/run/phone.log');
      await puppet.leave();`;
    const args = ['--no-warnings', '--input-type=module', '--eval', program];
    await promisify(execFile)(process.execPath, args, { env: { ...process.env, [OUTPUTS]: directory } });
    const { secrets, said } = readOutputs(directory);
    // Not the store of configurations, which is closed to others.
    t.deepEqual(
      leaksIn(secrets, said).map(
        ({ secret, what }) => `${secret}: ${what.replace(/\/\S*dualtone-[^/]*/, '')}`,
      ),
      [
        'answered-5ecret: in a guest: shell echo answered-5ecret',
        'left-5ecret: /left/data/file',
        'logged-5ecret: /left/logs/phone.log',
        'spoken-5ecret: the console of the guest ',
      ],
    );
  });
}
