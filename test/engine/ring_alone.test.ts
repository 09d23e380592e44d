/** A bell that is the sound card: it rings for as long as the main thread lives, which alone knows when to stop. */
import { levelOf } from '#media/level.ts';
import { PulseServer, SINK_RATE } from '../support/pulse.ts';
import { SoundAgents } from '../support/sound_agent.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { withPulse } from '../support/with_pulse.ts';
import { pause } from './support.ts';

const BELL = 'bell';
/** ms for which the main thread stands still. */
const STILL = 3000;
/** ms within which the ring has ended: what is in the card's buffer rings too. */
const WITHIN = 1500;

withPulse(
  'a ring through the sound card ends when the main thread stands still, and goes on when it is back',
  undisturbed(async (t) => {
    const pulse = await PulseServer.start([BELL]);
    const agents = new SoundAgents(pulse.env);
    try {
      agents.start(BELL, { input: 'silence', output: BELL });
      agents.command(BELL, { kind: 'ring', ring: { cadence: [60_000, 1000] } });
      const recorder = await pulse.record(BELL);
      // For longer than a ring that nobody renews.
      await pause(4000);
      const rings = recorder.take();
      t.true(isLoud(rings.subarray(-SINK_RATE / 2)), 'it rings');
      const began = performance.now();
      agents.standStill(STILL);
      await pause(STILL + 2000);
      const heard = recorder.take();
      const from = SINK_RATE / 1000;
      const at = (ms: number) => heard.subarray((ms - 400) * from, ms * from);
      t.log(`loud, by 100 ms: ${picture(heard)}`);
      t.true(isLoud(at(500)), 'a short standstill is nothing');
      t.false(isLoud(at(STILL - 100)), 'it is silent');
      t.true(loudMs(heard.subarray(0, (STILL - 100) * from)) < WITHIN);
      t.true(isLoud(heard.subarray(-SINK_RATE / 2)), 'and rings again');
      t.true(performance.now() - began < 2 * STILL + 2000);
    } finally {
      await agents.stop();
      await pulse.stop();
    }
  }),
);

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
