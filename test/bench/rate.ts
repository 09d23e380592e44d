/** How often a CPU-second does something. The CPU is the whole process's: compiler and garbage collector count. */

export interface RateOptions {
  /** ms of CPU before it counts. */
  readonly warmUp: number;
  /** ms of CPU in a round. */
  readonly round: number;
  readonly rounds: number;
}

const DEFAULTS: RateOptions = { warmUp: 600, round: 400, rounds: 7 };

/** ms of CPU that this process has used. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median over the rounds of how many units a CPU-second does; `batch` does some and says how many. */
export async function rate(batch: () => number | Promise<number>, options = DEFAULTS): Promise<number> {
  const turn = async (ms: number) => {
    const start = cpu();
    let done = 0;
    while (cpu() - start < ms) done += await batch();
    return (done / (cpu() - start)) * 1000;
  };
  await turn(options.warmUp);
  const rates: number[] = [];
  for (let i = 0; i < options.rounds; i += 1) rates.push(await turn(options.round));
  return median(rates);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
