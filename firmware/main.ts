#!/usr/bin/env node
/** The program's entry. What a running telephone is made of is in telephone/, which the other verbs do not load. */
import { dispatch } from '#cli/dispatch.ts';
import type { Boot, HardwareDeeds, Remarks, Terminal } from '#cli/verb.ts';
import manifest from '../package.json' with { type: 'json' };

const { version } = manifest;

const terminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  interactive: process.stdout.isTTY,
};

let isRunning = false;
// Whoever reads us may stop reading: `dualtone trace | head`. A phone goes on without its log.
process.stdout.on('error', () => {
  if (!isRunning) process.exit(0);
});

const boot: Boot = async (options, context) => {
  isRunning = true;
  const { runTelephone } = await import('./telephone/run.ts');
  await runTelephone(options, context, version);
};

const remarks: Remarks = async (config) => (await import('./telephone/settings.ts')).remarks(config);

const hardware: HardwareDeeds = {
  selftest: async (...args) => (await import('./telephone/hardware.ts')).selftest(...args),
  rest: async (...args) => (await import('./telephone/rest.ts')).rest(...args),
};

process.exitCode = await dispatch(process.argv.slice(2), { terminal, boot, remarks, hardware, version });
