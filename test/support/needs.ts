/** Tests that need a program of the system: they run where it is installed, else are skipped and say what to install. */
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import test, { type ExecutionContext } from 'ava';

/** Debian package of each program that tests talk to. */
const PACKAGE = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  kamailio: 'kamailio',
  chromium: 'chromium',
} as const;

export type Program = keyof typeof PACKAGE;

function isInstalled(program: Program): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A serial test that runs where all of `programs` exist. */
export function needing(...programs: readonly Program[]) {
  const missing = programs.filter((program) => !isInstalled(program));
  return (title: string, body: (t: ExecutionContext) => Promise<void> | void): void => {
    if (missing.length === 0) {
      test.serial(title, body);
    } else {
      const install = missing.map((program) => PACKAGE[program]).join(' ');
      test.skip(`${title} (needs ${missing.join(', ')}: apt-get install ${install})`, body);
    }
  };
}
