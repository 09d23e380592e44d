/**
 * GPIO as files below /sys/class/gpio, where lines have numbers of the whole system. A chip's first number is not
 * fixed (512 on most kernels since 6.6, 0 before), so it is looked up by the chip's label.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HalError, halErrorOf } from '../error.ts';
import type { Level } from './types.ts';

export const SYSFS_GPIO = '/sys/class/gpio';

/** udev gives an exported line to its group a little later. */
const PATIENCE = { attempts: 50, pause: 10 };

export interface SysfsChip {
  readonly label: string;
  /** Number of its first line. */
  readonly base: number;
  readonly lines: number;
}

/** Chips of /sys/class/gpio; none where the kernel was built without CONFIG_GPIO_SYSFS. */
export function sysfsChips(root = SYSFS_GPIO): readonly SysfsChip[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => /^gpiochip\d+$/.test(name))
    .map((name) => ({
      label: fileText(`${root}/${name}/label`),
      base: Number(fileText(`${root}/${name}/base`)),
      lines: Number(fileText(`${root}/${name}/ngpio`)),
    }));
}

const fileText = (path: string): string => readFileSync(path, 'utf8').trim();

/** The first chip with one of these labels. Throws a HalError `ABSENT`. */
export function sysfsChip(labels: readonly string[], root = SYSFS_GPIO): SysfsChip {
  const chips = sysfsChips(root);
  const found = chips.find(({ label }) => labels.includes(label));
  if (found !== undefined) return found;
  const here = chips.map(({ label }) => label).join(', ') || 'none';
  throw new HalError(
    'ABSENT',
    `no GPIO chip in ${root} is called ${labels.join(' or ')}; there are: ${here}`,
  );
}

/**
 * A line that a process left exported when it was killed keeps its level and its owner: this sets it to the voltage
 * `level` (not inverted) and gives it back. False: it was not exported. Throws a HalError.
 */
export function freeExported(number: number, level: Level, root = SYSFS_GPIO): boolean {
  const folder = `${root}/gpio${number}`;
  if (!existsSync(folder)) return false;
  try {
    writeFileSync(`${folder}/active_low`, '0');
    writeFileSync(`${folder}/direction`, level === 1 ? 'high' : 'low');
    writeFileSync(`${root}/unexport`, String(number));
  } catch (error) {
    throw halErrorOf(error, `GPIO line ${number}`);
  }
  return true;
}

/** Sets a line that nobody holds to the voltage `level`. Rejects with a HalError: `BUSY` when the kernel itself uses it. */
export async function setUnexported(number: number, level: Level, root = SYSFS_GPIO): Promise<void> {
  const where = `GPIO line ${number}`;
  try {
    writeFileSync(`${root}/export`, String(number));
  } catch (error) {
    throw halErrorOf(error, where);
  }
  for (let attempt = 1; attempt < PATIENCE.attempts; attempt += 1) {
    try {
      if (freeExported(number, level, root)) return;
    } catch {
      // Not ours yet.
    }
    await sleep(PATIENCE.pause);
  }
  if (!freeExported(number, level, root)) throw new HalError('IO', `${where} was exported, and is not there`);
}
