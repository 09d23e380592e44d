/** The built program, as it is installed: what the bundler does to us is our business too. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PeerProcess } from '../support/process.ts';

const PROGRAM = new URL('../../dist/dualtone.js', import.meta.url).pathname;

async function run(...words: readonly string[]): Promise<{ code: number; output: string }> {
  const program = new PeerProcess(process.execPath, [PROGRAM, ...words]);
  const code = await program.exit(10_000);
  return { code, output: program.output };
}

test('the program may be executed and knows its version', async (t) => {
  t.true((statSync(PROGRAM).mode & 0o111) !== 0);
  const { code, output } = await run('--version');
  t.is(code, 0);
  t.regex(output, /^\d+\.\d+\.\d+\n$/);
});

test('YAML is read and written', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'dualtone-bundle-')), 'phone.yaml');
  writeFileSync(file, 'name: Kitchen\nnet: {sipPort: 5070}\n');
  t.deepEqual(await run('config', 'check', file), { code: 0, output: `${file} is valid\n` });
  const shown = await run('config', 'show', '--config', file);
  t.is(shown.code, 0);
  t.regex(shown.output, /^name: Kitchen$/m);
  t.regex(shown.output, /^ {2}sipPort: 5070$/m);
});

test('every verb is in the bundle', async (t) => {
  const { code, output } = await run('--help');
  t.is(code, 0);
  t.is(output.match(/^ {2}dualtone /gm)?.length, 19);
  t.is((await run('explode')).code, 2);
});

test('rest, for which each moment counts, is one file', async (t) => {
  const rest = readFileSync(new URL('../../dist/rest.js', import.meta.url), 'utf8');
  t.deepEqual(rest.match(/(?:from|import)\s*\(?\s*["']\.[^"']*["']/g), null);
  t.is((await run('rest', '--board', 'sim')).code, 0);
  t.regex((await run('rest', '--help')).output, /^usage: dualtone rest /);
  t.is((await run('rest', 'now')).code, 2);
});
