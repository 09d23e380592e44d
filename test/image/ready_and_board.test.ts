/** What the card's programs `ready` and `board` say and do, with a boot state and a systemctl of this test's. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DEVICE } from './staged.ts';

function folder(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), 'dualtone-scripts-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function run(name: string, environment: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync('sh', [join(DEVICE, 'usr/lib/dualtone', name)], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
  });
  return { status, stdout, stderr };
}

test('the console says when the telephone is ready, of which slot and version', (t) => {
  const place = folder(t);
  writeFileSync(join(place, 'uptime'), '23.71 40.00\n');
  writeFileSync(join(place, 'release'), 'ID=debian\nIMAGE_ID=dualtone\nIMAGE_VERSION="0.1.0"\n');
  writeFileSync(join(place, 'dualtone'), '#!/bin/sh\necho 0.0.9\n', { mode: 0o755 });
  writeFileSync(join(place, 'console'), '');
  const environment = {
    DUALTONE_CONSOLE: join(place, 'console'),
    DUALTONE_PROC: place,
    DUALTONE_RELEASE: join(place, 'release'),
    DUALTONE: join(place, 'dualtone'),
  };
  for (const [words, release, line] of [
    [
      'quiet dualtone.slot=b rauc.slot=B',
      'release',
      'dualtone is ready after 23 s (slot b, version 0.1.0)\n',
    ],
    ['quiet', 'absent', 'dualtone is ready after 23 s (slot ?, version 0.0.9)\n'],
  ] as const) {
    writeFileSync(join(place, 'cmdline'), `${words}\n`);
    t.is(run('ready', { ...environment, DUALTONE_RELEASE: join(place, release) }).stdout, line);
    t.is(readFileSync(environment.DUALTONE_CONSOLE, 'utf8'), line);
  }
});

/** A boot state in a file, or one that cannot be written; and what systemctl was asked for. */
function boards(t: ExecutionContext, isWritable = true) {
  const place = folder(t);
  mkdirSync(join(place, 'run'));
  writeFileSync(join(place, 'state'), '');
  const set = isWritable ? `echo "\${2#board=}" >${place}/state` : 'exit 1';
  writeFileSync(
    join(place, 'bootstate'),
    `#!/bin/sh\ncase $1 in get) cat ${place}/state ;; set) ${set} ;; esac\n`,
    {
      mode: 0o755,
    },
  );
  writeFileSync(join(place, 'systemctl'), `#!/bin/sh\necho "$*" >>${place}/asked\n`, { mode: 0o755 });
  return {
    place,
    tell: (name: string, board: string) => writeFileSync(join(place, 'run', name), board),
    told: () => readFileSync(join(place, 'state'), 'utf8').trim(),
    board: () => {
      rmSync(join(place, 'asked'), { force: true });
      run('board', {
        PATH: `${place}:/usr/sbin:/usr/bin:/sbin:/bin`,
        DUALTONE_RUN: join(place, 'run'),
        DUALTONE_ONCE: join(place, 'once'),
        DUALTONE_BOOTSTATE: join(place, 'bootstate'),
      });
      return existsSync(join(place, 'asked')) ? readFileSync(join(place, 'asked'), 'utf8').trim() : 'nothing';
    },
  };
}

test('another board is told to U-Boot, and the system starts anew with it, once', (t) => {
  const { tell, told, board } = boards(t);
  tell('board', 'sim');
  t.is(board(), 'nothing', 'nobody wants one');
  tell('board-wanted', 'ata-slic');
  t.is(board(), '--no-block start dualtone-restart.service');
  t.is(told(), 'ata-slic');
  tell('board', 'ata-slic');
  t.is(board(), 'nothing');
});

test('where U-Boot cannot be told the telephone alone starts anew, once for each board', (t) => {
  const { tell, board } = boards(t, false);
  tell('board', 'sim');
  tell('board-wanted', 'rotary-usb');
  t.is(board(), '--no-block restart dualtone.service');
  t.is(board(), 'nothing', 'its profile may not be readable');
  tell('board-wanted', 'intercom');
  t.is(board(), '--no-block restart dualtone.service');
});

test('what is no name of a board goes no further', (t) => {
  const { place, tell, told, board } = boards(t);
  for (const wanted of ['', '../../etc', '/data/mine.json', 'a b', '-x', 'A', 'x\nfell=b', '$(reboot)']) {
    tell('board-wanted', wanted);
    t.is(board(), 'nothing', wanted);
    t.is(told(), '');
  }
  rmSync(join(place, 'run/board-wanted'));
  writeFileSync(join(place, 'elsewhere'), 'intercom');
  symlinkSync(join(place, 'elsewhere'), join(place, 'run/board-wanted'));
  t.is(board(), 'nothing', 'a link');
});
