/** Tests that need a program of the system: they run where it is installed, else are skipped and say what to install. */
import test, { type ExecutionContext } from 'ava';
import { PACKAGE, type Program, whereIs } from './programs.ts';

/** A serial test that runs where all of `programs` exist. */
export function needing(...programs: readonly Program[]) {
  const missing = programs.filter((program) => whereIs(program) === undefined);
  return (title: string, body: (t: ExecutionContext) => Promise<void> | void): void => {
    if (missing.length === 0) {
      test.serial(title, body);
    } else {
      const install = missing.map((program) => PACKAGE[program]).join(' ');
      test.skip(`${title} (needs ${missing.join(', ')}: apt-get install ${install})`, body);
    }
  };
}
