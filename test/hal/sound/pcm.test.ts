/** A sound card's direction on a libasound that does what the test says. */
import test from 'ava';
import type { Alsa, Handle, Out } from '#hal/linux/sound/alsa.ts';
import { Pcm, PcmError } from '#hal/linux/sound/pcm.ts';

const EPIPE = -32;
const ENODEV = -19;
const PERIOD = 960;

/** Every call succeeds, unless it is among `results`. */
function fakeAlsa(results: Partial<Record<keyof Alsa, number>>): { alsa: Alsa; calls: string[] } {
  const calls: string[] = [];
  const handle = (out: unknown): void => {
    if (Array.isArray(out) && out[0] === null) (out as Out<unknown>)[0] = {} as Handle;
  };
  const alsa = new Proxy({} as Alsa, {
    get: (_, name: keyof Alsa) => (first: unknown) => {
      calls.push(name);
      if (name === 'strerror') return 'error';
      handle(first);
      return results[name] ?? 0;
    },
  });
  return { alsa, calls };
}

function opened(direction: 'capture' | 'playback') {
  const results: Partial<Record<keyof Alsa, number>> = {};
  const { alsa, calls } = fakeAlsa(results);
  const pcm = new Pcm(alsa, { name: 'card', direction, periodMs: 20, periods: 8 });
  calls.length = 0;
  return { pcm, results, calls };
}

test('after an underrun all of the buffer is room', (t) => {
  const { pcm, results, calls } = opened('playback');
  results.pcmAvailUpdate = 100;
  t.is(pcm.waiting(), 100);
  results.pcmAvailUpdate = EPIPE;
  t.is(pcm.waiting(), 8 * PERIOD);
  t.true(calls.includes('pcmPrepare'), 'and it can be filled again');
});

test('a card that is gone is told when its room is asked for', (t) => {
  const { pcm, results } = opened('playback');
  results.pcmAvailUpdate = ENODEV;
  results.pcmPrepare = ENODEV;
  t.throws(() => pcm.waiting(), { instanceOf: PcmError, message: /no such card/ });
});

test('after an overrun nothing waits, and the next read begins anew and counts it', (t) => {
  const { pcm, results, calls } = opened('capture');
  results.pcmAvailUpdate = EPIPE;
  t.is(pcm.waiting(), 0);
  t.false(calls.includes('pcmPrepare'));
  results.pcmWait = EPIPE;
  results.pcmReadi = EPIPE;
  t.is(pcm.read(new Int16Array(PERIOD), PERIOD), 0);
  t.is(pcm.xruns, 1);
  t.true(calls.includes('pcmStart'));
});

test('losses without end are a card that is gone', (t) => {
  const { pcm, results } = opened('capture');
  results.pcmWait = 1;
  results.pcmReadi = EPIPE;
  const read = () => pcm.read(new Int16Array(PERIOD), PERIOD);
  for (let n = 0; n < 3; n++) t.is(read(), 0);
  t.throws(read, { instanceOf: PcmError });
});
