/** A directory that looks like /sys/class/gpio, with the chips of a Raspberry Pi 4. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BASE = 512;

export function fakeSysfs(teardown: (clean: () => void) => void): string {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-sysfs-'));
  teardown(() => rmSync(root, { recursive: true }));
  for (const [base, label, lines] of [
    [BASE, 'pinctrl-bcm2711', 58],
    [570, 'raspberrypi-exp-gpio', 8],
  ] as const) {
    const folder = join(root, `gpiochip${base}`);
    mkdirSync(folder);
    for (const [name, text] of Object.entries({ label, base, ngpio: lines })) {
      writeFileSync(join(folder, name), `${text}\n`);
    }
  }
  return root;
}

/** As the kernel and udev do it: the folder of a line comes some time after it was asked for. */
export function exportsLines(root: string, teardown: (clean: () => void) => void): void {
  writeFileSync(join(root, 'export'), '');
  const watcher = watch(join(root, 'export'), () => {
    const number = readFileSync(join(root, 'export'), 'utf8');
    if (number !== '') mkdirSync(join(root, `gpio${number}`), { recursive: true });
  });
  teardown(() => watcher.close());
}
