/** `npm run soak -- STORY …`: something that has to go well for a long time. Exits 1 when it did not. */
import { parseArgs } from 'node:util';
import { missingForPulse } from '../support/pulse.ts';
import { soakSound } from './sound.ts';

/** What waits in the card, ms: a standstill that took as much interrupts sound whatever a telephone does. */
const HELD = 30;
const USAGE = `usage: npm run soak -- sound [--minutes N]            30
                           power [--times N] [--seed N]    20
                           image [--minutes N]             60
  sound   two telephones talk through sound cards that are PulseAudio, without a drop-out
  power   the power of an emulated card goes at random while it is updated; it has to start each time
  image   an emulated card in use writes nothing but its data and its boot state`;

interface Given {
  readonly minutes?: number;
  readonly times?: number;
  readonly seed?: number;
}

const SOAKS: Readonly<Record<string, (given: Given) => Promise<boolean>>> = {
  sound: ({ minutes = 30 }) => sound(minutes),
  async power({ times = 20, seed = Math.floor(Math.random() * 2 ** 31) }) {
    const { noCardBecause, soakPower } = await import('./power.ts');
    return isPossible(noCardBecause()) && soakPower(times, seed);
  },
  async image({ minutes = 60 }) {
    const [{ noCardBecause }, { soakImage }] = await Promise.all([
      import('./power.ts'),
      import('./image.ts'),
    ]);
    return isPossible(noCardBecause()) && soakImage(minutes);
  },
};

function isPossible(obstacle: string | undefined): boolean {
  if (obstacle !== undefined) console.error(obstacle);
  return obstacle === undefined;
}

async function sound(minutes: number): Promise<boolean> {
  const missing = missingForPulse();
  if (missing.length > 0) {
    console.error(`sound needs PulseAudio here: apt-get install ${missing.join(' ')}`);
    return false;
  }
  let told = 0;
  const { ms, dropOuts, cpuPerMinute, troubles } = await soakSound({
    seconds: minutes * 60,
    progress: (text) => {
      if (text.startsWith('drop-out') || told++ % 12 === 0) console.error(text);
    },
  });
  for (const { at, ms: length, stoodStill } of dropOuts) {
    const why = stoodStill > 0 ? `: the machine itself stood still for ${stoodStill} ms` : '';
    console.log(`drop-out of ${length} ms at ${(at / 1000).toFixed(1)} s${why}`);
  }
  for (const trouble of troubles) console.log(trouble);
  console.log(
    `${(ms / 60_000).toFixed(1)} minutes heard, ${dropOuts.length} drop-outs, ${Math.round(cpuPerMinute)} ms of CPU a minute for both`,
  );
  // What nobody could have played in time is told, and is not the telephone's fault.
  return dropOuts.every(({ stoodStill }) => stoodStill >= HELD) && troubles.length === 0;
}

/** undefined: words that nobody understands. */
function givenBy(words: readonly string[]): Given | undefined {
  const number = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { minutes: number, times: number, seed: number },
    });
    const given = Object.entries(values).map(([name, value]) => [name, Number(value)] as const);
    return given.every(([, value]) => value > 0) ? Object.fromEntries(given) : undefined;
  } catch {
    return undefined;
  }
}

const [story = '', ...words] = process.argv.slice(2);
const soak = SOAKS[story];
const given = givenBy(words);
if (soak === undefined || given === undefined) {
  console.error(USAGE);
  process.exit(2);
}
process.exitCode = (await soak(given)) ? 0 : 1;
