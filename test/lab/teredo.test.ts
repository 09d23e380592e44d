/** Addresses of 2001:0::/32 are on both sides, with a way between them and a listener: none of it is used. */
import { inLab } from './in_lab.ts';
import { teredo } from './scenarios/teredo.ts';

inLab()('Teredo is met and never used', async (t) => {
  for (const { rule, kept, seen } of await teredo()) t.true(kept, `${rule}: ${seen}`);
});
