/** The units of the card, held against systemd itself, and what binds them together. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { needing } from '../support/needs.ts';
import { whereIs } from '../support/programs.ts';
import { DEVICE, staged } from './staged.ts';

const UNITS = 'usr/lib/systemd/system';
const { root, after } = staged();
test.after.always(after);

const own = readdirSync(join(DEVICE, UNITS))
  .filter((name) => /\.(service|mount|path|timer)$/.test(name))
  .map((name) => name.replace('@.', '@wlan0.'));
const systemd = Number(
  /\d+/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[0],
);

function analyze(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', [`--root=${root}`, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, said: `${stdout}${stderr}` };
}

const verify = () => analyze('verify', '--man=no', '--recursive-errors=no', 'dualtone.service', ...own);

needing('systemd-analyze')('systemd understands every unit of the card', (t) => {
  t.true(own.length >= 15, own.join());
  // RestartSteps= came with 254.
  if (systemd < 254) rmSync(join(root, UNITS, 'dualtone.service.d/20-back-off.conf'));
  const { status, said } = verify();
  t.deepEqual([status, said.replaceAll(/^Cannot find.*\n/gm, '')], [0, '']);
  for (const [unit, wrong] of [
    ['dualtone-drop.service', '\n[Service]\nRestard=always\n'],
    ['data.mount', '\n[Mount]\nWhere=/elsewhere\n'],
    ['dualtone-grow.service', '\n[Service]\nExecStart=\nExecStart=/usr/lib/dualtone/absent\n'],
  ] as const) {
    const path = join(root, UNITS, unit);
    const text = readFileSync(path, 'utf8');
    appendFileSync(path, wrong);
    t.not(verify().status, 0, unit);
    writeFileSync(path, text);
  }
  t.is(verify().status, 0);
});

needing('systemd-analyze')('the sandbox of the telephone exposes no more than it did', (t) => {
  const { said } = analyze('security', '--offline=true', '--no-pager', 'dualtone.service');
  const [, score] = /exposure level for dualtone\.service: ([\d.]+)/.exec(said) ?? [];
  t.log(`systemd-analyze security: ${score}, of 10 for a service without any sandbox`);
  t.true(Number(score) <= 3.2, said.slice(-2000));
});

test('every link of the card leads to something', (t) => {
  // Of packages, and of the running system.
  const theirs =
    /^\/(dev\/null|data\/ssh)$|^\/run\/|systemd-(networkd|resolved)\.service$|nftables\.service$/;
  for (const entry of readdirSync(DEVICE, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = posix.resolve(entry.parentPath.slice(DEVICE.length) || '/', readlinkSync(path));
    if (theirs.test(target)) continue;
    t.true(existsSync(join(root, target)), `${path} leads to ${target}`);
  }
});

test('what a unit of ours starts is there, and may be started', (t) => {
  for (const name of readdirSync(join(DEVICE, UNITS), { recursive: true, encoding: 'utf8' })) {
    const path = join(DEVICE, UNITS, name);
    if (!lstatSync(path).isFile()) continue;
    for (const [, program = ''] of readFileSync(path, 'utf8').matchAll(
      /^Exec\w+=[-+!]*(\/usr\/lib\/dualtone\/\S+)/gm,
    )) {
      t.true(existsSync(join(DEVICE, program)), `${name}: ${program}`);
      if (existsSync(join(DEVICE, program))) t.truthy(lstatSync(join(DEVICE, program)).mode & 0o100, program);
    }
  }
});

test('partitions are named as the card names them, and nothing else is mounted from it', (t) => {
  const what = (unit: string) => /^What=(.*)$/m.exec(readFileSync(join(DEVICE, UNITS, unit), 'utf8'))?.[1];
  t.is(what('data.mount'), '/dev/disk/by-partuuid/d0a17e01-04');
  t.is(what('boot-firmware.mount'), '/dev/disk/by-partuuid/d0a17e01-01');
  const options = (unit: string) =>
    /^Options=(.*)$/m.exec(readFileSync(join(DEVICE, UNITS, unit), 'utf8'))?.[1]?.split(',') ?? [];
  t.true(
    ['noatime', 'nosuid', 'nodev', 'data=ordered'].every((word) => options('data.mount').includes(word)),
  );
  t.true(['ro', 'nosuid', 'nodev', 'noexec'].every((word) => options('boot-firmware.mount').includes(word)));
  t.deepEqual(own.filter((name) => name.endsWith('.mount')).sort(), [
    'boot-firmware.mount',
    'data.mount',
    'var.mount',
  ]);
});

test('what the telephone’s unit may not do is done by units of their own, when it is ready', (t) => {
  const read = (name: string) => readFileSync(join(DEVICE, UNITS, name), 'utf8');
  const [, started = ''] =
    /^ExecStartPost=-\+\/usr\/bin\/systemctl start --no-block (.*)$/m.exec(
      read('dualtone.service.d/10-device.conf'),
    ) ?? [];
  t.deepEqual(started.split(' '), ['dualtone-ready.service', 'dualtone-drop-done.service']);
  // A device policy holds for all that a unit starts, also with full privileges: the console would stay closed.
  for (const unit of started.split(' '))
    t.notRegex(read(unit), /^(DevicePolicy|DeviceAllow|PrivateDevices|ProtectSystem)=/m);
});

test('who starts the system anew asks systemd itself: the login manager is masked', (t) => {
  t.is(readlinkSync(join(DEVICE, 'etc/systemd/system/systemd-logind.service')), '/dev/null');
  for (const folder of [UNITS, 'usr/lib/dualtone']) {
    for (const name of readdirSync(join(DEVICE, folder), { recursive: true, encoding: 'utf8' })) {
      const path = join(DEVICE, folder, name);
      // systemctl(1): these verbs try logind first, and say that it does not answer.
      if (lstatSync(path).isFile())
        t.notRegex(readFileSync(path, 'utf8'), /^[^#\n]*systemctl\b.* (?:reboot|poweroff|halt)\b/m, name);
    }
  }
  const text = readFileSync(join(DEVICE, UNITS, 'dualtone-restart.service'), 'utf8');
  t.regex(text, /^SuccessAction=reboot$/m);
  // Still there it would start the unit once more, against the reboot.
  const watched = /^PathExists=(.*)$/m.exec(
    readFileSync(join(DEVICE, UNITS, 'dualtone-restart.path'), 'utf8'),
  );
  t.regex(text, new RegExp(`^ExecStart=-/usr/bin/rm .*${watched?.[1]}$`, 'm'));
  for (const script of ['board', 'trial'])
    t.regex(
      readFileSync(join(DEVICE, 'usr/lib/dualtone', script), 'utf8'),
      /systemctl --no-block start dualtone-restart\.service/,
    );
});

test('nobody has a password, and nobody is asked for one', (t) => {
  const text = readFileSync(join(DEVICE, UNITS, 'dualtone-ssh.service'), 'utf8');
  t.regex(text, /^ExecStart=\/usr\/sbin\/dropbear .* -s /m);
  t.regex(text, /^ConditionFileNotEmpty=\/data\/ssh\/authorized_keys$/m);
  for (const getty of ['getty@', 'serial-getty@', 'console-getty', 'autovt@'])
    t.is(readlinkSync(join(DEVICE, 'etc/systemd/system', `${getty}.service`)), '/dev/null');
  for (const name of ['etc/passwd', 'etc/shadow']) t.false(existsSync(join(DEVICE, name)));
});

const PROGRAMS = join(DEVICE, 'usr/lib/dualtone');
const SCRIPTS = [
  ...readdirSync(PROGRAMS).map((name) => join(PROGRAMS, name)),
  join(DEVICE, 'usr/bin/dualtone'),
  fileURLToPath(new URL('../../image/boot/init', import.meta.url)),
];
// The kernel's words are words of one line.
const PASSED_OVER = '--exclude=SC2013';

for (const [shell, words] of [
  ['dash', ['-n']],
  ['shellcheck', ['-s', 'sh', PASSED_OVER]],
] as const) {
  const there = whereIs(shell) !== undefined;
  (there ? test : test.skip)(
    `${shell} has nothing to say of the card's programs (needs ${shell}: apt-get install ${shell})`,
    (t) => {
      for (const script of SCRIPTS) {
        const { status, stdout, stderr } = spawnSync(shell, [...words, script], { encoding: 'utf8' });
        t.deepEqual([status, `${stdout}${stderr}`], [0, ''], script);
      }
    },
  );
}
