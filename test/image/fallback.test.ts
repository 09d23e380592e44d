/** The card's program for a data partition that is of no use, in a mount namespace of its own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { noLabBecause } from '../lab/possible.ts';
import { DEVICE } from './staged.ts';

const FALLBACK = join(DEVICE, 'usr/lib/dualtone/fallback');
/** A file system that has no room for a folder: all of its one inode is its root. */
const FULL = 'mount -t tmpfs -o nr_inodes=1 full "$DUALTONE_DATA"';

const why = noLabBecause();
const alone = why === undefined ? test : test.skip;

interface Given {
  /** Before the program runs. */
  readonly mounted?: string;
  readonly grow: string;
}

/** What lies in the data partition and its folder then; whether it grew. */
function afterwards(t: ExecutionContext, { mounted = 'true', grow }: Given) {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-fallback-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'data'));
  const growing = `printf '#!/bin/sh\\n%s\\n' 'echo grown >"$0.said"; ${grow}' >"$0/grow"; chmod +x "$0/grow"`;
  const script = `set -e; ${growing}; ${mounted}; sh ${FALLBACK}; ls "$DUALTONE_DATA/dualtone"; stat -c %a "$DUALTONE_DATA/dualtone"; ls "$0"`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, root], {
    encoding: 'utf8',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      DUALTONE_DATA: join(root, 'data'),
      DUALTONE_GROW: join(root, 'grow'),
      DUALTONE_USER: 'root',
    },
  });
  return { status, said: stdout.trim().split('\n'), stderr };
}

const label = why ?? 'as root';

alone(`a data partition that is full before the first start takes the rest of the card (${label})`, (t) => {
  const grow = 'mount -o remount,nr_inodes=9 "$DUALTONE_DATA"';
  const { status, said } = afterwards(t, { mounted: FULL, grow });
  t.is(status, 0);
  t.deepEqual(said, ['700', 'data', 'grow', 'grow.said']);
});

alone(`where that does not help, memory takes its place, and a mark says so (${label})`, (t) => {
  for (const grow of ['true', 'exit 1']) {
    const { status, said } = afterwards(t, { mounted: FULL, grow });
    t.is(status, 0);
    t.deepEqual(said, ['volatile', '700', 'data', 'grow', 'grow.said'], grow);
  }
});

alone(`one that could not be mounted is not grown: memory takes its place (${label})`, (t) => {
  const { status, said, stderr } = afterwards(t, { grow: 'true' });
  t.is(status, 0, stderr);
  t.deepEqual(said, ['volatile', '700', 'data', 'grow']);
});
