/** A data directory without room: the telephone starts, calls, and says that it cannot remember. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import test from 'ava';
import type { StorageStatus } from '#phone/types.ts';
import { scratch } from '../support/phone_process.ts';

const CHILD = new URL('full_disk_child.ts', import.meta.url).pathname;
/** In a mount namespace of its own, which takes the file system along when it ends. */
const ON_ITS_OWN = 'mount -t tmpfs -o size=1m dualtone-test "$0" && exec "$@"';

interface Said {
  readonly storage?: StorageStatus;
  readonly lines?: readonly string[];
  readonly call?: string;
  readonly logged?: readonly string[];
  readonly told?: readonly string[];
  readonly token?: string;
  readonly left?: readonly string[];
}

test.serial(
  'a telephone on a full disk starts, calls, and says that the disk is full, until there is room',
  (t) => {
    const directory = scratch('full-disk');
    mkdirSync(directory, { recursive: true });
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const own = ['--map-root-user', '--mount', 'sh', '-c', ON_ITS_OWN, directory];
    const child = spawnSync('unshare', [...own, process.execPath, CHILD, directory], { encoding: 'utf8' });
    const answers = child.stdout.split('\n').filter(Boolean);
    t.is(child.status, 0, child.stderr);
    const [phone = {}, still, room, forgetful, , again, token] = answers.map(
      (line) => JSON.parse(line) as Said,
    );

    t.deepEqual(phone.storage, { state: 'full', free: 0 });
    t.is(phone.call, 'talking', 'the echo test answers');
    t.true(
      phone.lines?.some((line) => line.includes('Disk is full')),
      JSON.stringify(phone.lines),
    );
    t.true(phone.logged?.some((line) => /data is full: what changes is forgotten/.test(line)));
    // What could not be written whole takes no room, and is not taken for something later.
    t.deepEqual(
      phone.left?.filter((name) => name.endsWith('.new')),
      [],
    );

    t.is(still?.told?.length, 1, 'it is said once');
    t.regex(still?.told?.[0] ?? '', /is full.*Disk is full$/);
    t.is(room?.storage?.state, 'ok');
    t.regex(room?.told?.join() ?? '', /has room again.* –$/);
    t.is(forgetful?.storage?.state, 'volatile');
    t.regex(forgetful?.told?.join() ?? '', /forgotten when the machine is switched off Nothing is kept$/);
    t.is(again?.storage?.state, 'full');
    t.regex(token?.token ?? '', /^[\da-f]{32}/, 'whoever cannot be remembered is somebody all the same');
    t.regex(token?.told?.join() ?? '', /cannot keep the contact token: ENOSPC/);
  },
);
