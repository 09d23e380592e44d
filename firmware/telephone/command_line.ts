/** All verbs of the command line. What a running telephone is made of is loaded by those that run or try one. */
import { dispatch } from '#cli/dispatch.ts';
import type { Boot, HardwareDeeds, Remarks } from '#cli/verb.ts';
import { terminal } from './terminal.ts';

let isRunning = false;
// Whoever reads us may stop reading: `dualtone trace | head`. A phone goes on without its log.
process.stdout.on('error', () => {
  if (!isRunning) process.exit(0);
});

const bootOf = (version: string): Boot => {
  return async (options, context) => {
    isRunning = true;
    const { runTelephone } = await import('./run.ts');
    await runTelephone(options, context, version);
  };
};

const remarks: Remarks = async (config) => (await import('./settings.ts')).remarks(config);

const hardware: HardwareDeeds = {
  selftest: async (...args) => (await import('./hardware.ts')).selftest(...args),
  rest: async (...args) => (await import('./rest.ts')).rest(...args),
};

/** The result is the exit code. */
export const perform = (argv: readonly string[], version: string): Promise<number> =>
  dispatch(argv, { terminal, boot: bootOf(version), remarks, hardware, version });
