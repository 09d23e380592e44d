/**
 * Runs the checks of one file inside the guest: `node check.ts ./gpio.ts` imports the file's `checks` and tells the
 * outcome of each over the console.
 */
import { pathToFileURL } from 'node:url';

/** By title; what a check returns are figures for whoever reads the outcome. */
export type Checks = Readonly<Record<string, () => Promise<Figures | undefined>>>;
export type Figures = Readonly<Record<string, number | string>>;

export interface Outcome {
  readonly title: string;
  /** What went wrong. */
  readonly error?: string;
  readonly figures?: Figures | undefined;
}

/** Milliseconds for one check; the guest's processor is shared. */
const PATIENCE = 30_000;

async function outcomeOf(title: string, check: Checks[string]): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return { title, figures: await Promise.race([check(), late]) };
  } catch (error) {
    return { title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function main(file: string): Promise<void> {
  const { checks }: { checks: Checks } = await import(pathToFileURL(file).href);
  for (const [title, check] of Object.entries(checks)) {
    process.stdout.write(`@@${JSON.stringify(await outcomeOf(title, check))}\n`);
  }
  process.exit(0);
}

if (process.argv[1] === import.meta.filename && process.argv[2] !== undefined) await main(process.argv[2]);
