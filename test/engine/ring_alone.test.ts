/** A bell that is a sound card: it rings for as long as the main thread lives, which alone knows when to stop. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { levelOf } from '#media/level.ts';
import { PulseServer, SINK_RATE } from '../support/pulse.ts';
import { SoundAgents } from '../support/sound_agent.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { withPulse } from '../support/with_pulse.ts';
import { pause } from './support.ts';

const SPEAKER_BELL = new URL('../support/speaker_bell.ts', import.meta.url).pathname;
const BELL = 'bell';
/** For longer than the test takes. */
const CADENCE = [60_000, 1000];
/** ms for which the main thread stands still. */
const STILL = 3000;
/** ms within which the ring has ended: what is in the card's buffer rings too. */
const WITHIN = 1500;

interface Bell {
  readonly standStill: (ms: number) => void;
  readonly stop: () => Promise<unknown>;
}

/** Begins to ring in a process of its own. */
type Ring = (pulse: PulseServer) => Bell;

const BELLS: Readonly<Record<string, Ring>> = {
  'the sound card': ({ env }) => {
    const agents = new SoundAgents(env);
    agents.start(BELL, { input: 'silence', output: BELL });
    agents.command(BELL, { kind: 'ring', ring: { cadence: CADENCE } });
    return { standStill: (ms) => agents.standStill(ms), stop: () => agents.stop() };
  },

  'the package speaker': ({ env }) => {
    writeFileSync(join(env.HOME ?? '', '.asoundrc'), `pcm.!default ${BELL}\n`);
    const child = spawn(process.execPath, [SPEAKER_BELL, JSON.stringify(CADENCE)], {
      ...{ env, stdio: ['pipe', 'inherit', 'inherit'] },
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return {
      standStill: (ms) => void child.stdin.write(`${ms}`),
      stop: () => {
        child.stdin.end();
        return ended;
      },
    };
  },
};

for (const [what, ring] of Object.entries(BELLS)) {
  withPulse(
    `a ring through ${what} ends when the main thread stands still, and goes on when it is back`,
    undisturbed((t) => fallsSilent(t, ring)),
  );
}

async function fallsSilent(t: ExecutionContext, ring: Ring): Promise<void> {
  const pulse = await PulseServer.start([BELL]);
  const bell = ring(pulse);
  try {
    const recorder = await pulse.record(BELL);
    // For longer than a ring that nobody renews.
    await pause(4000);
    t.true(isLoud(recorder.take().subarray(-SINK_RATE / 2)), 'it rings');
    bell.standStill(STILL);
    await pause(STILL + 2000);
    const heard = recorder.take();
    t.log(`loud, by 100 ms: ${picture(heard)}`);
    const still = heard.subarray(0, (STILL - 100) * (SINK_RATE / 1000));
    t.true(isLoud(still.subarray(0, SINK_RATE / 2)), 'a short standstill is nothing');
    t.true(loudMs(still) < WITHIN, 'a long one ends it');
    t.false(isLoud(still.subarray(-SINK_RATE / 2)));
    t.true(isLoud(heard.subarray(-SINK_RATE / 2)), 'it rings again');
  } finally {
    await bell.stop();
    await pulse.stop();
  }
}

const isLoud = (samples: Int16Array): boolean => levelOf(samples) > -40;

function loudMs(samples: Int16Array): number {
  return [...picture(samples)].filter((piece) => piece === '#').length * 100;
}

/** A character for each 100 ms. */
function picture(samples: Int16Array): string {
  const piece = SINK_RATE / 10;
  const pieces = Array.from({ length: Math.floor(samples.length / piece) }, (_, n) =>
    samples.subarray(n * piece, (n + 1) * piece),
  );
  return pieces.map((each) => (isLoud(each) ? '#' : '_')).join('');
}
