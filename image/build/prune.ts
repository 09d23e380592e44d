/** What a telephone never uses of Debian, taken out of its tree. Licences (usr/share/doc/…/copyright) stay. */
import { chmodSync, globSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Patterns below the tree, by what they are. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'the package manager: a slot is replaced whole': [
    'etc/apt',
    'etc/dpkg',
    'etc/debconf.conf',
    'usr/bin/apt*',
    'usr/bin/deb*',
    'usr/bin/dpkg*',
    'usr/bin/sqv',
    'usr/sbin/dpkg*',
    'usr/sbin/start-stop-daemon',
    'usr/lib/apt',
    'usr/lib/dpkg',
    'usr/lib/*/libapt-*',
    'usr/libexec/dpkg',
    'usr/share/debconf',
    'usr/share/dpkg',
    'usr/share/keyrings',
    'usr/share/debianutils',
    'usr/share/lintian',
    'usr/share/bug',
    'var/lib/apt',
    'var/lib/dpkg',
  ],
  perl: ['usr/bin/perl*', 'usr/lib/*/perl-base', 'usr/share/perl*', 'usr/lib/*/perl*', 'etc/perl'],
  'run levels of another init': [
    'etc/init.d',
    'etc/rc?.d',
    'etc/cron*',
    'etc/logrotate.d',
    'etc/default/useradd',
  ],
  'words for other eyes': [
    'usr/share/bash-completion',
    'usr/share/common-licenses/*.gz',
    'usr/share/i18n',
    'usr/share/info',
    'usr/share/locale',
    'usr/share/man',
    'usr/share/menu',
    'usr/share/polkit-1',
    'usr/share/zsh',
    'usr/share/doc-base',
    'usr/share/gcc',
    'usr/share/gdb',
    'usr/lib/locale',
    'usr/share/systemd/kbd-model-map',
    'usr/lib/systemd/catalog',
    'usr/share/fish',
    'usr/share/tabset',
    'usr/share/terminfo/[!lv]',
    'usr/share/terminfo/v/vt[!12]*',
  ],
  'character sets, of which glib and Node have what they use': ['usr/lib/*/gconv'],
  'names of hardware that nobody plugs into a telephone': ['etc/udev/hwdb*', 'usr/lib/udev/hwdb*'],
  'parts of systemd for other machines': [
    'usr/bin/systemd-vpick',
    'usr/lib/systemd/boot',
    'usr/lib/systemd/portable',
    'usr/lib/systemd/systemd-bless-boot',
    'usr/lib/systemd/systemd-pcr*',
    'usr/share/factory',
  ],
  'leavings of the making': [
    'etc/.pwd.lock',
    'etc/ld.so.cache~',
    'etc/resolv.conf',
    'etc/ssl/certs/java',
    'boot/*',
    'home/*',
    'opt/*',
    'run/*',
    'srv/*',
    'tmp/*',
    'usr/local/*',
    'usr/games',
    'usr/lib/init',
    'usr/share/pixmaps',
    'var/backups',
    'var/cache/*',
    'var/log/*',
    'var/lib/systemd/*',
    'var/lib/pam',
    'var/lib/ucf',
  ],
  'tools of archives of packages': ['usr/bin/tarcat', 'usr/sbin/rmt-tar', 'usr/share/libc-bin/nsswitch.conf'],
};

/** Names in `usr/share/doc/*` that are no licence are empty after it. */
function keepLicences(tree: string): void {
  for (const file of globSync('usr/share/doc/**', { cwd: tree }).toReversed()) {
    const path = join(tree, file);
    const stat = lstatSync(path);
    if (
      stat.isDirectory()
        ? readdirSync(path).length === 0
        : !/\/copyright$/.test(file) && !stat.isSymbolicLink()
    )
      rmSync(path, { recursive: true });
  }
}

/** Nobody logs in who could want to be somebody else for a moment: su, passwd, mount … are root's alone. */
function takeOthersRights(tree: string): void {
  for (const folder of ['usr/bin', 'usr/sbin', 'usr/lib', 'usr/libexec'])
    for (const entry of readdirSync(join(tree, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const { mode } = lstatSync(path);
      if (entry.isFile() && mode & 0o6000) chmodSync(path, mode & 0o777);
    }
}

export function prune(tree: string): void {
  for (const path of globSync(Object.values(LEFT_OUT).flat(), { cwd: tree }))
    rmSync(join(tree, path), { recursive: true, force: true });
  keepLicences(tree);
  takeOthersRights(tree);
}
