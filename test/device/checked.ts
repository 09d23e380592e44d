/** Tests that run inside a guest: a file of checks becomes as many tests, all answered by one guest. */
import test from 'ava';
import { Guest, type GuestOptions } from './guest.ts';
import type { Checks, Outcome } from './inside/check.ts';
import { builtKernel } from './kernel.ts';

/** @param file of test/device/inside, whose `checks` these are. */
export function checkInGuest(file: string, checks: Checks, options: Partial<GuestOptions> = {}): void {
  const kernel = builtKernel();
  if (kernel === undefined) {
    for (const title of Object.keys(checks)) {
      test.skip(`${title} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
    }
    return;
  }
  const outcomes = new Map<string, Outcome>();
  let printed = '';
  test.before('the guest runs', async (t) => {
    const limit = 120_000;
    t.timeout(limit + 10_000);
    const guest = new Guest({
      kernel,
      limit,
      program: ['test/device/inside/check.ts', `test/device/inside/${file}`],
      ...options,
      onMessage: (message) => {
        const outcome = message as Outcome;
        outcomes.set(outcome.title, outcome);
      },
    });
    const status = await guest.ended;
    printed = guest.printed;
    t.is(status, 0, printed);
  });
  for (const title of Object.keys(checks)) {
    test(title, (t) => {
      const outcome = outcomes.get(title);
      if (outcome === undefined) return t.fail(`the guest said nothing of it:\n${printed}`);
      if (outcome.figures !== undefined) t.log(JSON.stringify(outcome.figures));
      if (outcome.error === undefined) return t.pass();
      t.log(printed);
      // Once is enough, also where one failure brings others.
      printed = '';
      t.fail(outcome.error);
    });
  }
}
