/** Child of run.ts: `node measure_calls.ts ours|sip` prints complete calls a CPU-second, both ends in this process. */
import { rate } from './rate.ts';
import { AT_ONCE } from './wire.ts';

const [name = ''] = process.argv.slice(2);
const { batch } = (await import(`./calls_${name}.ts`)) as { batch(): Promise<number> };

let begun = 0;
let completed = 0;
/** Batches between two looks at the clock of the CPU, which is slow. */
const BATCHES = 5;
const value = await rate(async () => {
  let done = 0;
  for (let i = 0; i < BATCHES; i += 1) done += await batch();
  begun += BATCHES * AT_ONCE;
  completed += done;
  return done;
});
if (completed < begun * 0.999) throw new Error(`only ${completed} of ${begun} calls were completed`);
console.log(JSON.stringify({ value }));
// Timers of finished transactions are still running, 32 s of them.
process.exit(0);
