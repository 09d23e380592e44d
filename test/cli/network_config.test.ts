/** The verb by which a card's network-config becomes files; passwords are in them and nowhere else. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PeerProcess } from '../support/process.ts';

const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;

async function converted(t: ExecutionContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-network-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'network-config'), text);
  const out = join(folder, 'out');
  const process_ = new PeerProcess(process.execPath, [
    MAIN,
    'network-config',
    join(folder, 'network-config'),
    out,
  ]);
  const code = await process_.exit(20_000);
  return { code, output: process_.output, out };
}

test('what it writes is for its owner alone', async (t) => {
  const { code, output, out } = await converted(
    t,
    'wifis: {wlan0: {regulatory-domain: NL, access-points: {Home: {password: "long enough"}}}}\n',
  );
  t.deepEqual([code, output], [0, '']);
  t.deepEqual(readdirSync(out).sort(), ['70-dualtone-wlan0.network', 'wpa_supplicant-wlan0.conf']);
  for (const name of readdirSync(out)) t.is(statSync(join(out, name)).mode & 0o777, 0o600);
});

test('what is no YAML is told with its line, and without its text', async (t) => {
  const { code, output } = await converted(t, 'wifis:\n  wlan0:\n    password: "hunter2\n');
  t.is(code, 1);
  t.regex(output, /^dualtone: network-config: not readable as YAML at line \d+, column \d+\n$/);
  t.false(output.includes('hunter2'));
});

test('aliases without end are refused', async (t) => {
  const bomb = [
    'a: &a [x,x]',
    ...[...'bcdefgh'].map(
      (name, i) => `${name}: &${name} [*${'abcdefg'[i]},*${'abcdefg'[i]},*${'abcdefg'[i]}]`,
    ),
  ];
  const { code } = await converted(t, `${bomb.join('\n')}\n`);
  t.is(code, 1);
});
