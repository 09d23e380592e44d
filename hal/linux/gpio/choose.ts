/** Which driver serves the lines of this machine, and why. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { HalError } from '../error.ts';
import { type Libc, loadLibc } from '../libc.ts';
import { characterDevice, listChips } from './character_device.ts';
import { loadOnoff, onoff } from './onoff.ts';
import { SYSFS_GPIO, sysfsChips } from './sysfs.ts';
import type { GpioDriver, GpioDriverName } from './types.ts';

export interface GpioChoice {
  /** Absent: GPIO cannot be used here, for the reasons of both. */
  readonly driver?: GpioDriver;
  /** Of each driver that was looked at, the chosen one last. */
  readonly reasons: readonly GpioReason[];
}

export interface GpioReason {
  readonly driver: GpioDriverName;
  readonly usable: boolean;
  /** A half sentence for selftest. */
  readonly why: string;
}

interface Candidate extends GpioReason {
  readonly open?: GpioDriver;
}

/** The driver that was chosen. Throws a HalError that says why there is none. */
export function driverOf({ driver, reasons }: GpioChoice): GpioDriver {
  if (driver !== undefined) return driver;
  // What stands in the way of the better driver is what is to be mended.
  throw new HalError('ABSENT', `GPIO cannot be used here: ${reasons[0]?.why ?? 'no driver was looked at'}`);
}

/** The character device where it is there, else onoff. `forced` looks at that one alone. */
export async function chooseGpio(forced?: GpioDriverName): Promise<GpioChoice> {
  const reasons: GpioReason[] = [];
  for (const name of ['character device', 'onoff'] as const) {
    if (forced !== undefined && forced !== name) continue;
    const { open, ...reason } = await CANDIDATES[name]();
    reasons.push(reason);
    if (open !== undefined) return { driver: open, reasons };
  }
  return { reasons };
}

const CANDIDATES: Readonly<Record<GpioDriverName, () => Promise<Candidate>>> = {
  'character device': async () => {
    const driver = 'character device';
    const no = (why: string): Candidate => ({ driver, usable: false, why });
    if (!readdirSync('/dev').some((name) => /^gpiochip\d+$/.test(name))) {
      return no(
        'there is no /dev/gpiochip: this machine has no GPIO, or its kernel no CONFIG_GPIO_CDEV; --board sim needs none',
      );
    }
    const libc = await loadLibc();
    if (libc === undefined) return no('the optional package koffi is not installed: npm install koffi');
    return deviceCandidate(libc, no);
  },
  onoff: async () => {
    const driver = 'onoff';
    const no = (why: string): Candidate => ({ driver, usable: false, why });
    if (!existsSync(`${SYSFS_GPIO}/export`)) {
      return no(`there is no ${SYSFS_GPIO}: the kernel was built without CONFIG_GPIO_SYSFS`);
    }
    if (!isWritable(`${SYSFS_GPIO}/export`)) {
      return no(`${SYSFS_GPIO}/export may not be written: add the user to the group gpio`);
    }
    const chips = sysfsChips();
    if (chips.length === 0) {
      return no(`${SYSFS_GPIO} shows no gpiochip with its number: the kernel lacks CONFIG_GPIO_SYSFS_LEGACY`);
    }
    const gpio = await loadOnoff();
    if (gpio === undefined) {
      return no('the optional package onoff is not installed, or was not built: npm rebuild epoll');
    }
    const bases = chips.map(({ label, base }) => `${label} from ${base}`).join(', ');
    return { driver, usable: true, why: `${SYSFS_GPIO} has ${bases}`, open: onoff(gpio) };
  },
};

function deviceCandidate(libc: Libc, no: (why: string) => Candidate): Candidate {
  const { chips, refused } = listChips(libc);
  if (chips.length === 0) return no(`no chip can be used: ${refused.join('; ')}`);
  const labels = chips.map(({ label, path }) => `${label} at ${path}`).join(', ');
  return { driver: 'character device', usable: true, why: labels, open: characterDevice(libc) };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
