/** The extension that was claimed, and the keys of those who were met, kept across restarts. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { NeighboursFile } from '#agent/neighbours_file.ts';
import { mutations } from '../support/mutate.ts';

const STATE = { wish: '204', extension: '205', pins: { 'a-b-c': 'x'.repeat(43) } };

function stand(t: ExecutionContext) {
  const data = mkdtempSync(join(tmpdir(), 'neighbours-'));
  t.teardown(() => rmSync(data, { recursive: true }));
  const warnings: string[] = [];
  return { data, warnings, file: new NeighboursFile(data, (text) => warnings.push(text)) };
}

test('what is kept is read by the next run, by nobody else', (t) => {
  const { data, warnings, file } = stand(t);
  t.is(file.read(), undefined);
  file.keep(STATE);
  t.deepEqual(file.read(), STATE);
  t.deepEqual(readdirSync(data), ['neighbours.json']);
  t.is(statSync(join(data, 'neighbours.json')).mode & 0o777, 0o600);
  t.deepEqual(warnings, []);
});

test('a damaged file is told once and costs nothing else', (t) => {
  const { data, warnings, file } = stand(t);
  const seed = Buffer.from(JSON.stringify(STATE));
  for (const octets of mutations([seed], 500, 7)) {
    writeFileSync(join(data, 'neighbours.json'), octets);
    const read = file.read();
    if (read !== undefined) t.regex(read.extension, /^\d{2,8}$/);
  }
  t.true(warnings.length > 100);
});

test('a full disk costs the memory, not the telephone', (t) => {
  const warnings: string[] = [];
  new NeighboursFile('/nowhere/at/all', (text) => warnings.push(text)).keep(STATE);
  t.is(warnings.length, 1);
});
