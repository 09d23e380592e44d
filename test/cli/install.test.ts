/** What `tools/install.ts` puts below a directory: a program that runs, and a unit that systemd understands. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { needing } from '../support/needs.ts';
import { PeerProcess } from '../support/process.ts';

const file = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;
const UNIT = 'usr/lib/systemd/system/dualtone.service';
const isBuilt = existsSync(file('dist/dualtone.js'));
const root = mkdtempSync(join(tmpdir(), 'dualtone-root-'));

test.after.always(() => rmSync(root, { recursive: true, force: true }));

async function run(program: string, args: readonly string[], ms = 30_000) {
  const process = new PeerProcess(program, args);
  const code = await process.exit(ms);
  return { code, output: process.output };
}

(isBuilt ? test.serial : test.serial.skip)(
  'what was built is installed, with the Node and the packages that it needs (needs the bundle: npm run build)',
  async (t) => {
    // Twice: an older version leaves nothing behind.
    writeFileSync(join(root, 'witness'), '');
    for (let time = 0; time < 2; time++) {
      const { code, output } = await run(process.execPath, [file('tools/install.ts'), root]);
      t.is(code, 0, output);
    }
    const dualtone = join(root, 'usr/bin/dualtone');
    const { version } = JSON.parse(readFileSync(file('package.json'), 'utf8'));
    t.deepEqual(await run(dualtone, ['--version']), { code: 0, output: `${version}\n` });
    const selftest = await run(dualtone, ['selftest']);
    t.is(selftest.code, 0, selftest.output);
    const usable = /^ {2}ok +(\S+)/gm;
    const here = await run(process.execPath, [file('dist/dualtone.js'), 'selftest']);
    t.deepEqual(
      [...selftest.output.matchAll(usable)].map(([, name]) => name),
      [...here.output.matchAll(usable)].map(([, name]) => name),
      'the same packages can be used as in the checkout',
    );
    t.true(existsSync(join(root, 'witness')));
  },
);

needing('systemd-analyze')('systemd understands the units', async (t) => {
  for (const path of [`image/files/${UNIT}`, 'docs/dualtone-router6bed4.service']) {
    const copy = join(root, path.slice(path.lastIndexOf('/') + 1));
    // It looks whether the programs are there, and only in the root of this system.
    writeFileSync(copy, readFileSync(file(path), 'utf8').replaceAll('/usr/bin/dualtone', '/bin/true'));
    const { code, output } = await run('systemd-analyze', [
      'verify',
      '--man=no',
      '--recursive-errors=no',
      copy,
    ]);
    t.deepEqual([code, output], [0, ''], path);
    writeFileSync(copy, `${readFileSync(copy, 'utf8')}\n[Service]\nRestard=always\n`);
    t.not((await run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', copy])).code, 0);
  }
});
