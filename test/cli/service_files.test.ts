/** What the service tells of itself: to `rest`, and to whoever looks after the card. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { boardOfService, tellSystem } from '#cli/service_files.ts';

function directory(t: { teardown(end: () => void): void }): string {
  const made = mkdtempSync(join(tmpdir(), 'dualtone-run-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('the board that runs is known to who comes after it', (t) => {
  const run = directory(t);
  const environment = { RUNTIME_DIRECTORY: run };
  t.is(boardOfService(environment), undefined);
  tellSystem('board', 'rotary-bell', environment);
  tellSystem('board-wanted', 'ata-slic', environment);
  t.is(boardOfService(environment), 'rotary-bell');
  t.is(readFileSync(join(run, 'board-wanted'), 'utf8'), 'ata-slic');
  tellSystem('board', './mine.json', environment);
  t.is(boardOfService(environment), './mine.json');
  t.deepEqual(readdirSync(run).sort(), ['board', 'board-wanted']);
});

test('of several directories the first is ours', (t) => {
  const run = directory(t);
  tellSystem('board', 'intercom', { RUNTIME_DIRECTORY: `${run}:/run/other` });
  t.is(boardOfService({ RUNTIME_DIRECTORY: `${run}:/run/other` }), 'intercom');
});

test('without a service, or where its directory is gone, nothing is told and nothing falls', (t) => {
  const run = directory(t);
  for (const environment of [{}, { RUNTIME_DIRECTORY: '' }, { RUNTIME_DIRECTORY: 'relative' }]) {
    tellSystem('board', 'sim', environment);
    t.is(boardOfService(environment), undefined);
  }
  const gone = { RUNTIME_DIRECTORY: join(run, 'gone') };
  tellSystem('board-wanted', 'sim', gone);
  t.is(boardOfService(gone), undefined);
  t.false(existsSync('relative'));
  writeFileSync(join(run, 'board'), '');
  t.is(boardOfService({ RUNTIME_DIRECTORY: run }), undefined);
});
