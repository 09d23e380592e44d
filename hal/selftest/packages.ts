/** The native packages, which are optional: which of them can be used here, and how to get those that cannot. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { LinuxBoard } from '../boards/schema.ts';
import { loadOnoff } from '../linux/gpio/onoff.ts';

export interface PackageState {
  readonly name: string;
  readonly usable: boolean;
  /** What it is for, or what to do. */
  readonly note: string;
}

interface NativePackage {
  readonly name: string;
  readonly role: string;
  readonly isUsable: () => Promise<boolean>;
}

const loads = async (load: () => Promise<unknown>): Promise<boolean> =>
  load().then(
    () => true,
    () => false,
  );

const PACKAGES: readonly NativePackage[] = [
  { name: 'koffi', role: 'GPIO lines and sound cards', isUsable: () => loads(() => import('koffi')) },
  {
    name: 'onoff',
    role: 'GPIO lines on older kernels',
    isUsable: async () => (await loadOnoff()) !== undefined,
  },
  {
    name: 'i2c-bus',
    role: 'displays and keypads on I2C',
    isUsable: () => loads(() => import('i2c-bus')),
  },
  // Loading it may end the process (bell_speaker.ts): only looked at.
  { name: 'speaker', role: 'a bell on the default sound device', isUsable: async () => isBuilt('speaker') },
];

export function packageStates(): Promise<readonly PackageState[]> {
  return Promise.all(
    PACKAGES.map(async ({ name, role, isUsable }) => {
      const usable = await isUsable();
      return { name, usable, note: usable ? role : `for ${role}: ${howToInstall([name])}` };
    }),
  );
}

/** One line about the packages that this board would need; undefined: none is missing. */
export async function missingPackages(board: LinuxBoard): Promise<string | undefined> {
  const states = await packageStates();
  const usable = (name: string) => states.find((state) => state.name === name)?.usable === true;
  const speaks = board.parts.some((part) => part.kind === 'bell' && part.driver === 'speaker');
  const missing = [
    ...(usable('koffi') || usable('onoff') ? [] : ['koffi']),
    ...(board.i2c === undefined || usable('i2c-bus') ? [] : ['i2c-bus']),
    ...(!speaks || usable('speaker') ? [] : ['speaker']),
  ];
  if (missing.length === 0) return undefined;
  return `the hardware of this board wants ${missing.join(' and ')}: ${howToInstall(missing)}; calls work without`;
}

function howToInstall(names: readonly string[]): string {
  return `"npm install ${names.join(' ')}" with a C++ compiler and make at hand (Debian: apt-get install build-essential)`;
}

function isBuilt(name: string): boolean {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return existsSync(`${folder}/build/Release/binding.node`);
  } catch {
    return false;
  }
}
