/** Users of the system: none has a password, and the telephone's number is the same in every version. */
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';

/** What lies on the data partition belongs to a number. It has to be the same before and after every update. */
export const DUALTONE = 800;
const DAY = 86_400;

export async function addAccounts(system: string, builder: Builder, epoch: number): Promise<void> {
  const fixed = [
    `g dualtone ${DUALTONE}`,
    `u dualtone ${DUALTONE}:${DUALTONE} "Dualtone telephone" /var/lib/dualtone`,
  ];
  await builder(['systemd-sysusers', `--root=${system}`, '--inline', ...fixed]);
  await builder(['systemd-sysusers', `--root=${system}`]);
  // systemd keeps what was before.
  for (const name of globSync('etc/{group,gshadow,passwd,shadow}-', { cwd: system }))
    rmSync(join(system, name));
  const file = join(system, 'etc/shadow');
  const day = Math.floor(epoch / DAY);
  // NAME:PASSWORD:DAY:… (shadow(5)): no password that anybody could know, and no day of the making.
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  writeFileSync(file, `${lines.map((line) => lockedOut(line, day)).join('\n')}\n`);
}

/** `*` is the hash of no password; `!` before it locks the account for those who ask for that. */
export function lockedOut(line: string, day: number): string {
  const [name, , , ...rest] = line.split(':');
  return [name, '!*', day, ...rest].join(':');
}
