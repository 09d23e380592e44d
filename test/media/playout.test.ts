import test from 'ava';
import { Playout } from '#media/playout.ts';
import { sine } from '../support/goertzel.ts';
import { seededRandom } from '../support/mutate.ts';

interface Story {
  /** How much faster the peer's clock is. */
  readonly ppm: number;
  readonly seconds: number;
  /** ms by which packets come late, at random, at most. */
  readonly jitter?: number;
}

/** A peer sends 1 kHz; the clock jumps from packet to frame. What was heard, and how long packets waited. */
function call({ ppm, seconds, jitter = 0 }: Story) {
  const playout = new Playout();
  const random = seededRandom(5);
  const tone = sine(1000, 20);
  const frame = new Int16Array(160);
  const heard = new Int16Array(seconds * 8000);
  const packetMs = 20 / (1 + ppm * 1e-6);
  let packet = 0;
  let lost = 0;
  for (let n = 0; n < seconds * 50; n++) {
    const now = 7.3 + n * 20;
    for (; packet * packetMs + jitterOf(packet) <= now; packet++) {
      const at = Math.max(packet * packetMs + jitterOf(packet), now - 20);
      playout.put((packet * 160) >>> 0, tone, 160, true, at);
    }
    const received = playout.take(frame, now);
    if (n > 10 && received < 155) lost++;
    heard.set(frame, n * 160);
  }
  return { playout, heard, lost };

  function jitterOf(number: number): number {
    const seeded = Math.imul(number + 1, 2654435761) >>> 0;
    return jitter === 0 ? 0 : (seeded / 2 ** 32) * jitter + 0 * random();
  }
}

/** How far a sample lies from where a sine of 1 kHz would go on: a click is a thousand, the ear's threshold some tens. */
function roughest(samples: Int16Array): number {
  const turn = 2 * Math.cos(Math.PI / 4);
  let worst = 0;
  for (let i = 2; i < samples.length; i++) {
    const expected = turn * (samples[i - 1] ?? 0) - (samples[i - 2] ?? 0);
    worst = Math.max(worst, Math.abs((samples[i] ?? 0) - expected));
  }
  return worst;
}

for (const ppm of [-400, -200, 0, 200, 400]) {
  test(`an hour with a peer whose clock is off by ${ppm} ppm has no gap and no click`, (t) => {
    const { playout, heard, lost } = call({ ppm, seconds: 3600 });
    t.is(lost, 0);
    t.true(roughest(heard.subarray(8000)) < 60, `${roughest(heard.subarray(8000))}`);
    t.true(Math.abs(playout.drift - ppm * 1e-6) < 15e-6);
    t.is(playout.jitterBuffer.late, 0);
  });
}

test('jitter and drift together lose nothing', (t) => {
  const { lost, playout } = call({ ppm: 200, seconds: 1800, jitter: 15 });
  t.is(lost, 0);
  t.is(playout.jitterBuffer.late, 0);
});

test('what no packet ever needs is given up: from 40 ms down to 25', (t) => {
  const playout = new Playout();
  const frame = new Int16Array(160);
  const leads: number[] = [];
  for (let n = 0; n < 3000; n++) {
    playout.put(n * 160, sine(1000, 20), 160, true, n * 20);
    // Taken 5 ms after each packet: of the frame before, 15 ms have been heard when it comes.
    leads.push(playout.jitterBuffer.ahead(n * 160) / 8 + 20 - 15);
    playout.take(frame, n * 20 + 5);
  }
  t.true(Math.abs((leads[1] ?? 0) - 40) < 6, `${leads[1]}`);
  t.true(Math.abs((leads[400] ?? 0) - (leads[1] ?? 0)) < 1, 'ten seconds pass first');
  t.true(Math.abs((leads.at(-1) ?? 0) - 25) < 1.5, `${leads.at(-1)}`);
});

test('without drift the samples pass as they are', (t) => {
  const { heard } = call({ ppm: 0, seconds: 8 });
  const tone = sine(1000, 20);
  const from = heard.findIndex((sample) => sample !== 0) - 1;
  for (let i = 0; i < 7 * 8000; i++) t.is(heard[from + i], tone[i % 160]);
});
