/**
 * What the firmware and U-Boot read, as far as it can be held against something: the words of config.txt, the kernel's words,
 * and each overlay against the real device trees of the kernel where its package lies in the cache of the image's builder.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import { TREES as ON_CARD } from '../../image/build/firmware.ts';
import { needing } from '../support/needs.ts';

const IMAGE = fileURLToPath(new URL('../../image', import.meta.url));
const BOOT = join(IMAGE, 'boot');
const OVERLAYS = join(BOOT, 'overlays');
const overlays = readdirSync(OVERLAYS).map((name) => basename(name, '.dts'));
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const run = (program: string, words: readonly string[]) =>
  execFileSync(program, words, { env: { ...process.env, PATH }, encoding: 'utf8', stdio: 'pipe' });

/** By its documentation; whatever else stands there the firmware would pass over without a word. */
const WORDS: Readonly<Record<string, RegExp>> = {
  arm_64bit: /^1$/,
  disable_overscan: /^1$/,
  disable_splash: /^1$/,
  enable_uart: /^1$/,
  force_eeprom_read: /^0$/,
  gpu_mem: /^16$/,
  kernel: /^u-boot\.bin$/,
  upstream_kernel: /^1$/,
};

test('config.txt has only words that the firmware knows, short enough for it', (t) => {
  const text = readFileSync(join(BOOT, 'config.txt'), 'utf8');
  const found: string[] = [];
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    // "Lines are limited to 98 characters", says its documentation; a longer one is cut off.
    t.true(line.length <= 98, line);
    if (line.startsWith('[')) {
      t.regex(line, /^\[(all|pi3|pi3\+|pi02|pi4)\]$/);
      continue;
    }
    const [, word = '', value = ''] = /^(\w+)=(\S*)$/.exec(line) ?? [];
    t.regex(value, WORDS[word] ?? /never/, line);
    found.push(word);
  }
  t.deepEqual(found.sort(), Object.keys(WORDS).sort());
});

test('the kernel’s words: the serial line is the console, and nothing that U-Boot’s script says is said twice', (t) => {
  const text = readFileSync(join(BOOT, 'slot.txt'), 'utf8');
  const [, words = ''] = /^words=(.*)$/m.exec(text) ?? [];
  const all = words.split(' ');
  // Of several the last one is /dev/console. Mini UART: serial1 of the kernel's own trees.
  t.is(
    all.findLast((word) => word.startsWith('console=')),
    'console=ttyS1,115200',
  );
  for (const word of ['panic=10', 'net.ifnames=0', 'fsck.repair=yes']) t.true(all.includes(word), word);
  for (const word of all) t.notRegex(word, /^(root=|ro$|rw$|init=|dualtone\.|rauc\.)/);
  // U-Boot's environment is read by lines, and $ and ; are its own.
  t.notRegex(words, /[$;"'\\]/);
});

test('every overlay is of a board, and every board that needs the kernel’s help has one', async (t) => {
  for (const name of overlays) t.true(BOARD_NAMES.includes(name), name);
  for (const name of BOARD_NAMES) {
    const text = JSON.stringify(await loadBoard(name));
    t.is(overlays.includes(name), /"pwm"|"by":"i2s"/.test(text), name);
  }
});

/** The kernel's package in the builder's cache, by the hash in the lock list. */
function kernelPackages(): readonly string[] {
  const lock = join(IMAGE, 'packages.lock');
  if (!existsSync(lock)) return [];
  const cache =
    process.env.DUALTONE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dualtone');
  return [...readFileSync(lock, 'utf8').matchAll(/^extracted linux-(?:base|binary)-\S+ \S+ arm64 (\S+)/gm)]
    .map(([, hash]) => join(cache, 'image/debs', `${hash}.deb`))
    .filter(existsSync);
}

const packages = kernelPackages();
const withTrees =
  packages.length > 0
    ? needing('dtc', 'fdtoverlay')
    : (title: string, body: (t: ExecutionContext) => void) =>
        test.skip(`${title} (needs the kernel's package in the cache: npm run image)`, body);

/** Names that the firmware asks for with upstream_kernel=1, by board. */
const TREES = [
  'bcm2711-rpi-4-b',
  'bcm2837-rpi-3-a-plus',
  'bcm2837-rpi-3-b',
  'bcm2837-rpi-3-b-plus',
  'bcm2837-rpi-zero-2-w',
];

test('the card has the device tree of every Raspberry Pi 3, Zero 2 W and 4', (t) => {
  t.deepEqual(ON_CARD.map((name) => basename(name, '.dtb')).toSorted(), TREES);
});
/** What each overlay has to bring about, in the tree that the kernel gets. */
const BROUGHT: Readonly<
  Record<string, readonly (readonly [path: string, property: string, value: RegExp])[]>
> = {
  'ata-slic': [
    ['/soc/pwm@7e20c000', 'status', /okay/],
    ['/soc/gpio@7e200000/dualtone-pwm', 'brcm,pins', /^12$/],
  ],
  'desk-mcp-lcd': [
    ['/soc/pwm@7e20c000', 'status', /okay/],
    ['/soc/gpio@7e200000/dualtone-pwm', 'brcm,pins', /^13$/],
    ['/soc/i2c@7e804000', 'status', /okay/],
  ],
  'desk-matrix-oled': [
    ['/soc/i2c@7e804000', 'status', /okay/],
    ['/soc/i2c@7e804000/codec@1a', 'compatible', /wlf,wm8960/],
    ['/soc/i2s@7e203000', 'status', /okay/],
    ['/soc/i2s@7e203000', 'dma-names', /tx rx/],
    ['/dualtone-sound', 'simple-audio-card,name', /wm8960-soundcard/],
  ],
};

withTrees('every overlay fits the trees of every board, and brings about what its board needs', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-trees-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of packages) {
    const names = TREES.map((tree) => `"*/${tree}.dtb"`).join(' ');
    // A package without one of them makes tar complain.
    run('sh', [
      '-c',
      `dpkg-deb --fsys-tarfile ${file} | tar -x -C ${folder} --wildcards ${names} 2>&1 || true`,
    ]);
  }
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.dtb'),
  );
  t.deepEqual(found.map((name) => basename(name, '.dtb')).sort(), [...TREES].sort());
  for (const overlay of overlays) {
    const compiled = join(folder, `${overlay}.dtbo`);
    run('dtc', ['-@', '-q', '-I', 'dts', '-O', 'dtb', '-o', compiled, join(OVERLAYS, `${overlay}.dts`)]);
    for (const tree of found) {
      const whole = join(folder, 'whole.dtb');
      run('fdtoverlay', ['-i', join(folder, tree), '-o', whole, compiled]);
      for (const [path, property, value] of BROUGHT[overlay] ?? [])
        t.regex(
          run('fdtget', [whole, path, property]).trim(),
          value,
          `${overlay} on ${tree}: ${path} ${property}`,
        );
    }
    t.true((BROUGHT[overlay] ?? []).length > 0, overlay);
  }
  // The console of slot.txt.
  for (const tree of found)
    t.regex(run('fdtget', [join(folder, tree), '/aliases', 'serial1']), /serial@7e215040/);
});
