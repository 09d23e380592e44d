/** `npm run soak -- STORY [--minutes N]`: something that has to go well for a long time. Exits 1 when it did not. */
import { missingForPulse } from '../support/pulse.ts';
import { soakSound } from './sound.ts';

const MINUTES = 30;
/** What waits in the card, ms: a standstill that took as much interrupts sound whatever a telephone does. */
const HELD = 30;
const USAGE = `usage: npm run soak -- sound [--minutes N]
  sound   two telephones talk through sound cards that are PulseAudio, without a drop-out`;

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

function minutesOf(words: readonly string[]): number {
  const at = words.indexOf('--minutes');
  return at < 0 ? MINUTES : Number(words[at + 1]);
}

const [story, ...words] = process.argv.slice(2);
const minutes = minutesOf(words);
if (story !== 'sound' || !(minutes > 0)) {
  console.error(USAGE);
  process.exit(2);
}
process.exitCode = (await sound(minutes)) ? 0 : 1;
