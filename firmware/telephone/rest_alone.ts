/** The verb `rest` without the others. */
import { perform as performVerb } from '#cli/perform.ts';
import { verb } from '#cli/rest.ts';
import { rest } from './rest.ts';
import { terminal } from './terminal.ts';

// Whoever reads us may stop reading.
process.stdout.on('error', () => {});

/** `argv` begins with the verb. The result is the exit code. */
export const perform = ([, ...words]: readonly string[]): Promise<number> =>
  performVerb(verb, words, { terminal, hardware: { rest } });
