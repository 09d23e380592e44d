/** Where verbs of this process read and write. */
import type { Terminal } from '#cli/verb.ts';

export const terminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  interactive: process.stdout.isTTY,
};
