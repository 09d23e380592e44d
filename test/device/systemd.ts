/** A real systemd in a guest, as the manager of one unit. It is not the first process there: the manager of a user. */
import type { Puppet } from './puppet.ts';

/** Not below /run/user, which the unit hides from its telephone. */
const RUNTIME = '/run/manager';
const UNITS = '/run/units';
const UNIT = 'dualtone.service';
const ENVIRONMENT = `XDG_RUNTIME_DIR=${RUNTIME} XDG_CONFIG_HOME=/run/config SYSTEMD_UNIT_PATH=${UNITS}`;

/** What such a manager cannot do for its unit: become somebody else. It has no other units to wait for. */
const HERE = ['[Unit]', 'DefaultDependencies=no', '[Service]', 'User=', 'SupplementaryGroups='];

/** What the first process of a system prepares, and the unit's sandbox is made of. */
const PREPARED = `
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /run/systemd/system ${RUNTIME} ${UNITS}/${UNIT}.d /run/systemd/inaccessible/dir
cd /run/systemd/inaccessible
touch reg && mkfifo fifo && mknod chr c 0 0 && mknod blk b 0 0 && mknod sock p
[ -e /dev/kmsg ] || mknod -m 600 /dev/kmsg c 1 11`;

/** Starts this unit, with settings of its own on top. */
export async function manage(puppet: Puppet, unit: string, settings: readonly string[]): Promise<void> {
  await puppet.does('shell', PREPARED);
  await puppet.does('write', `${UNITS}/${UNIT}`, unit);
  const output = ['StandardOutput=append:/run/phone.log', 'StandardError=inherit'];
  await puppet.does(
    'write',
    `${UNITS}/${UNIT}.d/guest.conf`,
    [...HERE, ...output, ...settings, ''].join('\n'),
  );
  const systemd = `/lib/systemd/systemd --user --unit=${UNIT} --log-target=console --log-level=notice`;
  await puppet.does('shell', `${ENVIRONMENT} setsid ${systemd} >/run/systemd.log 2>&1 </dev/null &`);
}

/** Of the unit, as `systemctl show` says it. */
export async function property(puppet: Puppet, name: string): Promise<string> {
  const show = `systemctl --user show --property=${name} --value ${UNIT}`;
  return (await puppet.does('shell', `${ENVIRONMENT} ${show} 2>&1`)).trim();
}

/** What manager and unit printed, for who has to find out what went wrong. */
export function printed(puppet: Puppet): Promise<string> {
  return puppet.does('shell', 'tail -n 40 /run/systemd.log /run/phone.log 2>&1');
}
