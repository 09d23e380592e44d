/** Tests that need a laboratory: they run as root on a kernel with network namespaces, else they say what is missing. */
import test from 'ava';
import { needing } from '../support/needs.ts';
import type { Program } from '../support/programs.ts';
import { isTool, noLabBecause, type Tool } from './possible.ts';

type Needed = Tool | Program;

/** A serial test in a laboratory with these further programs. */
export function inLab(...programs: readonly Needed[]): ReturnType<typeof needing> {
  const peers = programs.filter((program): program is Program => !isTool(program));
  const why = noLabBecause(programs.filter(isTool));
  if (why === undefined) return needing(...peers);
  return (title, body) => test.skip(`${title} (${why})`, body);
}
