/** Verbs that take the lines of a board, beside a phone that has them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startControlServer } from '#cli/control_server.ts';
import { controlSocket } from '#cli/data_dir.ts';
import type { PartStatus } from '#hal/types.ts';
import { dualtone, FakeControl } from './control.ts';

const VERBS = ['selftest', 'rest'] as const;

function freshDir(t: ExecutionContext): string {
  const data = mkdtempSync(join(tmpdir(), 'dualtone-cli-'));
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  return data;
}

/** The directory of a phone with this hardware. */
async function phone(t: ExecutionContext, hardware: readonly PartStatus[]): Promise<string> {
  const data = freshDir(t);
  const control = new FakeControl();
  const status = { ...control.status(), hardware };
  control.status = () => status;
  const server = await startControlServer(() => control, controlSocket(data));
  t.teardown(() => server.close());
  return data;
}

const HOOK: PartStatus = { part: 'hook', state: 'ok', driver: 'character device', note: '' };
const BELL: PartStatus = { part: 'bell', state: 'failed', driver: 'bell', note: 'line 17 is in use' };

for (const verb of VERBS) {
  test(`${verb} leaves the lines of a running phone alone, and shows what that says of its parts`, async (t) => {
    const data = await phone(t, [HOOK, BELL]);
    const { code, out, err } = await dualtone(verb, '--board', 'rotary-bell', '--data', data);
    t.is(code, 1);
    t.is(out.split('\n').length, 3, 'the hardware was not touched');
    t.regex(out, /^ {2}ok +hook +character device$/m);
    t.regex(out, /^ {2}failed +bell +line 17 is in use$/m);
    t.regex(err, /a phone runs on this board: stop it first .* or use the self-test of its page/);
  });

  test(`${verb} goes on beside a phone whose hardware is simulated, and where none runs`, async (t) => {
    const simulated = await phone(t, [{ ...HOOK, driver: 'sim', note: 'simulated' }]);
    for (const data of [simulated, freshDir(t)])
      t.is((await dualtone(verb, '--board', 'rotary-bell', '--data', data)).code, 0);
  });

  test(`${verb} of the simulated board minds nobody`, async (t) => {
    t.is((await dualtone(verb, '--data', await phone(t, [HOOK]))).code, 0);
  });

  test(`${verb} says of a phone that stands still that it does not answer`, async (t) => {
    const data = freshDir(t);
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(controlSocket(data), resolve));
    t.teardown(() => silent.close());
    const { code, out, err } = await dualtone(verb, '--board', 'rotary-bell', '--data', data);
    t.deepEqual([code, out], [1, '']);
    t.regex(err, /does not answer; end it first/);
  });
}
