/** Progress: what is being done, for how long, and what its programs said last. */

interface Done {
  readonly title: string;
  /** ms */
  readonly took: number;
}

const done: Done[] = [];
const TERMINAL = process.stderr.isTTY;
/** On a terminal the line is renewed; elsewhere a new one says now and then that there is life. ms */
const RENEWED = TERMINAL ? 500 : 10_000;
let latest = '';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** What the running step's program said last, for the eye. */
export function heard(line: string): void {
  const plain = line.trim();
  if (plain) latest = plain;
}

/** Does one step of the work and says so, with its time. */
export async function step<T>(title: string, work: () => Promise<T> | T): Promise<T> {
  const start = performance.now();
  latest = '';
  process.stderr.write(TERMINAL ? `  ${title} …` : `  ${title} …\n`);
  const timer = setInterval(() => {
    const line = `  ${title} … ${seconds(performance.now() - start)}  ${latest}`.slice(0, 110);
    process.stderr.write(TERMINAL ? `\r\x1b[K${line}` : `${line}\n`);
  }, RENEWED);
  try {
    const result = await work();
    const took = performance.now() - start;
    done.push({ title, took });
    process.stderr.write(`${TERMINAL ? '\r\x1b[K' : ''}  ${title}: ${seconds(took)}\n`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** Seconds of every step so far, by title. */
export const times = (): Readonly<Record<string, number>> =>
  Object.fromEntries(done.map(({ title, took }) => [title, Math.round(took / 100) / 10]));
