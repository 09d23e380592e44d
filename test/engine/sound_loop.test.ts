import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { BEATS, COMMAND, END, LEAD, REST, RUN, shareSound } from '#engine/sound/cells.ts';
import type { CardPcm, DeviceState } from '#engine/sound/device.ts';
import { SoundLoop } from '#engine/sound/loop.ts';
import { SampleRing } from '#engine/sound/ring.ts';
import { FakeCapture, FakePlayback } from './fake_card.ts';

interface Stand {
  readonly input?: () => CardPcm;
  readonly output?: () => CardPcm;
  readonly tend?: () => void;
}

function stand({ input, output, tend = () => {} }: Stand) {
  const shared = shareSound();
  const states: DeviceState[] = [];
  const options = { periodMs: 10, sidetone: 0, answerMs: 0, input, output, tend };
  const loop = new SoundLoop(shared, options, (state) => states.push(state));
  shared.cells[COMMAND] = RUN;
  const end = (): void => void Atomics.store(shared.cells, COMMAND, END);
  return { shared, states, loop, end, mouth: new SampleRing(shared.mouth), ear: new SampleRing(shared.ear) };
}

test('capture is the clock: a frame for every two periods, and the answer is played', (t) => {
  const capture = new FakeCapture(48_000);
  const playback = new FakePlayback(48_000);
  const made = stand({ input: () => capture, output: () => playback });
  const frame = new Int16Array(160);
  let reads = 0;
  capture.onRead = () => {
    playback.play(10);
    // The media thread's part: an answer for each frame of the mouth.
    while (made.mouth.read(frame)) made.ear.write(frame);
    if (++reads === 200) made.end();
  };
  made.loop.run();
  t.true(Math.abs(Atomics.load(made.shared.cells, BEATS) - 99) <= 2);
  t.deepEqual(
    made.states.map(({ part, state }) => [part, state]),
    [
      ['output', 'ok'],
      ['input', 'ok'],
    ],
  );
  t.true(playback.written > 48_000);
  t.deepEqual([capture.closed, playback.closed], [1, 1]);
});

test('a microphone that is gone is told once, tried again, and playback goes on meanwhile', (t) => {
  const playback = new FakePlayback(8000);
  let opened = 0;
  const made = stand({
    input: () => {
      opened++;
      throw new Error('no such card');
    },
    output: () => playback,
  });
  const begin = performance.now();
  playback.onWrite = () => {
    playback.play(20);
    if (performance.now() - begin > 400) made.end();
  };
  made.loop.run();
  t.true(Atomics.load(made.shared.cells, BEATS) >= 40, 'playback is the clock');
  t.true(opened >= 2 && opened < 6, `${opened} tries`);
  t.deepEqual(
    made.states.filter(({ part }) => part === 'input'),
    [{ part: 'input', state: 'failed', note: 'no such card' }],
  );
});

test('how often sound was interrupted is told when it changes, once a second at most', (t) => {
  const playback = new FakePlayback(8000);
  const made = stand({ output: () => playback });
  const begin = performance.now();
  playback.onWrite = () => {
    playback.play(20);
    const ms = performance.now() - begin;
    playback.xruns = ms < 200 ? 0 : ms < 400 ? 1 : ms < 600 ? 2 : 3;
    if (ms > 1500) made.end();
  };
  made.loop.run();
  t.deepEqual(
    made.states.map(({ state, xruns }) => [state, xruns]),
    [
      ['ok', undefined],
      ['ok', 1],
      ['ok', 3],
    ],
  );
});

test('a card that fails in use is closed, and is back when it can be opened again', (t) => {
  let opened = 0;
  const made = stand({
    input: () => {
      const capture = new FakeCapture(8000);
      opened++;
      let reads = 0;
      capture.onRead = () => {
        if (opened === 1 && ++reads === 5) throw new Error('unplugged');
        if (opened === 2 && ++reads === 5) made.end();
      };
      return capture;
    },
  });
  made.loop.run();
  t.is(opened, 2);
  t.deepEqual(
    made.states.map(({ state }) => state),
    ['ok', 'failed', 'ok'],
  );
});

test('with no card at all the thread sleeps and hears the command', (t) => {
  let tries = 0;
  const made = stand({
    input: () => {
      if (++tries === 3) made.end();
      throw new Error('busy');
    },
  });
  const begin = performance.now();
  made.loop.run();
  t.true(performance.now() - begin > 1000, 'back-off: 250 ms, then a second');
  t.is(Atomics.load(made.shared.cells, BEATS), 0);
});

test('ten thousand frames leave nothing on the heap', (t) => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const capture = new FakeCapture(48_000);
  const playback = new FakePlayback(48_000);
  const made = stand({ input: () => capture, output: () => playback });
  const frame = new Int16Array(160);
  let reads = 0;
  let before = 0;
  let after = 0;
  let passing = 0;
  capture.onRead = () => {
    playback.play(10);
    while (made.mouth.read(frame)) made.ear.write(frame);
    reads++;
    if (reads === 2000) {
      collect();
      before = process.memoryUsage().heapUsed;
    }
    if (reads === 22_000) {
      passing = process.memoryUsage().heapUsed - before;
      collect();
      after = process.memoryUsage().heapUsed;
      made.end();
    }
  };
  made.loop.run();
  t.true(after - before < 200_000, `${after - before} octets kept after 10 000 frames`);
  // JavaScript puts some fractional numbers on the heap for a moment; one array of samples a frame would be ten times that.
  t.true(passing < 10_000 * 700, `${passing} octets passed through in 10 000 frames`);
});

test('playback begins before the first period is captured, with frames ahead of the clock', (t) => {
  const capture = new FakeCapture(48_000);
  const playback = new FakePlayback(48_000);
  capture.captured = 0;
  capture.onRead = () => t.fail('nothing is captured yet');
  let turns = 0;
  const made = stand({
    input: () => capture,
    output: () => playback,
    // The media thread's answer, which is awaited in each turn.
    tend: () => {
      if (++turns === 1) made.ear.write(new Int16Array(480).fill(5000));
      else made.end();
    },
  });
  made.loop.run();
  t.is(Atomics.load(made.shared.cells, LEAD), 3);
  t.is(Atomics.load(made.shared.cells, BEATS), 0, 'the clock has not begun');
  t.is(playback.started, 1);
  t.true(playback.written > 2400 && playback.written <= 2880, `${playback.written} samples`);
});

test('a rehearsal opens, plays and closes, and tells of a card that is missing once', (t) => {
  const capture = new FakeCapture(48_000);
  const playback = new FakePlayback(48_000);
  playback.onWrite = () => playback.play(10);
  let isThere = false;
  const made = stand({
    input: () => capture,
    output: () => {
      if (!isThere) throw new Error('no such card');
      return playback;
    },
  });
  made.shared.cells[COMMAND] = REST;
  t.false(made.loop.rehearse());
  t.false(made.loop.rehearse());
  isThere = true;
  t.true(made.loop.rehearse());
  const ofOutput = made.states.filter(({ part }) => part === 'output').map(({ state }) => state);
  t.deepEqual(ofOutput, ['failed', 'ok']);
  t.deepEqual([capture.closed, playback.closed], [3, 1]);
});

test('who is needed in the middle of a rehearsal is there at once', (t) => {
  const made = stand({
    input: () => {
      made.shared.cells[COMMAND] = RUN;
      throw new Error('no such card');
    },
  });
  made.shared.cells[COMMAND] = REST;
  const begin = performance.now();
  made.loop.rehearse();
  t.true(performance.now() - begin < 90, 'neither its time nor the back-off is waited for');
});
