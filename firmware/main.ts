#!/usr/bin/env node
/**
 * The program's entry. Rest is for when a telephone was killed, and while something still rings each moment counts: in the
 * bundle it is one file (tools/build.ts), and nothing else is loaded for it.
 */
import manifest from '../package.json' with { type: 'json' };

const argv = process.argv.slice(2);
const { perform } = await (argv[0] === 'rest'
  ? import('./telephone/rest_alone.ts')
  : import('./telephone/command_line.ts'));
process.exitCode = await perform(argv, manifest.version);
