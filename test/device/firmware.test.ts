/** The built firmware inside a guest, driven by its own command line. */
import test from 'ava';
import { builtKernel } from './kernel.ts';
import { Puppet } from './puppet.ts';

const kernel = builtKernel();
const CONFIG = {
  schema: 'dualtone.config/1',
  audio: { input: 'tone:440', output: 'file:/run/heard.wav' },
  accounts: [],
};

if (kernel === undefined) {
  test.skip("the firmware comes up (needs the guest's kernel: npm run device-lab)", (t) => t.fail());
} else {
  test('the firmware comes up, sees a hook that is lifted, and ends when told', async (t) => {
    const limit = 50_000;
    t.timeout(limit + 10_000);
    const puppet = new Puppet({ kernel, limit, megabytes: 512 });
    t.teardown(() => puppet.guest.stop());
    await puppet.does('write', '/run/config.json', JSON.stringify(CONFIG));
    const data = ['--data', '/run/data'];
    const run = ['dist/dualtone.js', 'run', '--config', '/run/config.json', '--http', 'off', ...data];
    await puppet.does('start', 'phone', run);
    const verb = `${process.execPath} dist/dualtone.js`;
    await puppet.does(
      'shell',
      `for n in $(seq 20); do ${verb} status ${data.join(' ')} && break; sleep 0.3; done`,
    );
    await puppet.does('shell', `${verb} hook off ${data.join(' ')}`);
    const screen = await puppet.does('shell', `${verb} screen --json ${data.join(' ')}`);
    t.like(JSON.parse(screen), { hook: 'off' });
    t.is(await puppet.does('end', 'phone', 'SIGTERM'), 0);
    await puppet.leave();
  });
}
