/** Engines with a sound card that is PulseAudio: mouth to ear, tones as they are heard, and a server that dies. */
import { tonesOf } from '#media/tones_by_country.ts';
import type { EngineEvent, Tone } from '#media/types.ts';
import { soakSound } from '../soak/sound.ts';
import { stepsIn } from '../support/cadence.ts';
import { chirp, chirpsIn } from '../support/chirp.ts';
import { amplitudeAt, span } from '../support/goertzel.ts';
import { PulseServer, SINK_RATE } from '../support/pulse.ts';
import { SoundAgents } from '../support/sound_agent.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { withPulse } from '../support/with_pulse.ts';
import { pause } from './support.ts';

const COUNTRIES = ['NL', 'DE', 'GB', 'US', 'FR', 'IT', 'JP', 'AU', 'ES', 'SE'];

const failed = (part: 'input' | 'output') => (event: EngineEvent) =>
  event.kind === 'device' && event.part === part && event.state === 'failed';
const works = (part: 'input' | 'output') => (event: EngineEvent) =>
  event.kind === 'device' && event.part === part && event.state === 'ok';

withPulse(
  'from mouth to ear a chirp takes 100 ms at most',
  undisturbed(async (t) => {
    const pulse = await PulseServer.start(['a_mouth', 'a_ear', 'b_mouth', 'b_ear']);
    const agents = new SoundAgents(pulse.env);
    try {
      agents.start('a', { input: 'a_mouth_mouth', output: 'a_ear' });
      agents.start('b', { input: 'b_mouth_mouth', output: 'b_ear' });
      await agents.join('a', 'b');
      // What the jitter buffer and the card have in store at first is given up in the first half minute.
      await pause(25_000);
      const mouth = await pulse.record('a_mouth');
      const ear = await pulse.record('b_ear');
      await pause(300);
      for (let n = 0; n < 5; n++) {
        pulse.play('a_mouth', chirp(SINK_RATE));
        await pause(700);
      }
      const spoken = chirpsIn(mouth.take(), SINK_RATE).map((ms) => ms + mouth.startedAt);
      const heard = chirpsIn(ear.take(), SINK_RATE).map((ms) => ms + ear.startedAt);
      t.is(spoken.length, 5);
      t.is(heard.length, 5);
      const delays = heard.map((ms, n) => ms - (spoken[n] ?? 0)).sort((x, y) => x - y);
      t.log(`mouth to ear: ${delays.map((ms) => ms.toFixed(1)).join(', ')} ms`);
      t.true((delays[2] ?? Number.NaN) <= 100, `${delays[2]} ms`);
    } finally {
      await agents.stop();
      await pulse.stop();
    }
  }),
);

/** What the facts say of a tone, in the notation of the project's own file. */
function stepsOf(tone: Tone): readonly { on: boolean; ms: number }[] {
  return tone.loop.map(({ hz, ms }) => ({ on: hz.length > 0, ms }));
}

function frequenciesOf(tone: Tone): readonly number[] {
  const step = tone.loop.find(({ hz }) => hz.length > 0);
  return step?.am === true ? step.hz.slice(0, 1) : (step?.hz ?? []);
}

/** Levels of the tone's frequencies stand out from what lies between them. */
function heardOnly(samples: Int16Array, hz: readonly number[]): boolean {
  const wanted = Math.min(...hz.map((each) => amplitudeAt(samples, each, SINK_RATE)));
  const strangers = [200, 600, 700, 1000, 1500, 2500].filter((each) =>
    hz.every((own) => Math.abs(own - each) > 60),
  );
  return wanted > 300 && strangers.every((each) => amplitudeAt(samples, each, SINK_RATE) < wanted / 10);
}

withPulse(
  'dial tone and ringback of ten countries have their frequencies, and cadences exact to 5 ms',
  undisturbed(async (t) => {
    const names = COUNTRIES.map((code) => `tone_${code}`);
    const pulse = await PulseServer.start([...names, 'quiet']);
    const agents = new SoundAgents(pulse.env);
    try {
      for (const name of names) {
        agents.start(name, { input: 'silence', output: name });
        agents.command(name, { kind: 'handset', inUse: true });
      }
      for (const name of names) await agents.until(name, works('output'));
      await pause(3000);
      const recorders = await Promise.all(names.map((name) => pulse.record(name)));
      for (const [at, code] of COUNTRIES.entries())
        agents.command(names[at] ?? '', { kind: 'tone', tone: tonesOf(code).dial });
      await pause(1500);
      for (const recorder of recorders) recorder.take();
      await pause(1000);
      for (const [at, code] of COUNTRIES.entries()) {
        const samples = recorders[at]?.take() ?? new Int16Array(0);
        t.true(heardOnly(samples, frequenciesOf(tonesOf(code).dial)), `dial tone of ${code}`);
        agents.command(names[at] ?? '', { kind: 'tone', tone: tonesOf(code).ringback });
      }
      await pause(13_500);
      for (const [at, code] of COUNTRIES.entries()) {
        const samples = recorders[at]?.take() ?? new Int16Array(0);
        const { ringback } = tonesOf(code);
        const heard = stepsIn(samples.subarray(SINK_RATE), SINK_RATE, 60);
        const wanted = stepsOf(ringback);
        t.true(heard.length >= 2, `${code}: ${JSON.stringify(heard)}`);
        const begin = wanted.findIndex(
          ({ on, ms }) => heard[0]?.on === on && Math.abs(heard[0].ms - ms) <= 5,
        );
        for (const [n, step] of heard.entries()) {
          const expected = wanted[(begin + n) % wanted.length];
          t.true(
            begin >= 0 && expected?.on === step.on && Math.abs(expected.ms - step.ms) <= 5,
            `ringback of ${code}: step ${n} ${step.on ? 'sounds' : 'is silent'} ${step.ms.toFixed(1)} ms`,
          );
        }
      }
    } finally {
      await agents.stop();
      await pulse.stop();
    }
  }),
);

withPulse(
  'a sound server that dies in a call is missed, not the call: sound is back when it is',
  undisturbed(async (t) => {
    const pulse = await PulseServer.start(['k_mouth', 'k_ear']);
    const agents = new SoundAgents(pulse.env);
    try {
      agents.start('a', { input: 'tone:697', output: 'null' });
      agents.start('b', { input: 'k_mouth_mouth', output: 'k_ear' });
      await agents.join('a', 'b');
      await agents.until('b', works('output'));
      await pause(2000);
      const before = agents.events('b').length;
      await pulse.kill();
      await agents.until('b', failed('output'), before);
      await agents.until('b', failed('input'), before);
      const sentAt = sentBy(agents, 'b');
      await pause(2500);
      t.true(sentBy(agents, 'b') - sentAt >= 80, 'packets go on without a card');
      t.true(agents.events('b').length - before < 20, 'and nobody is told a thousand times');
      const dead = agents.events('b').length;
      await pulse.begin();
      await agents.until('b', works('output'), dead);
      await agents.until('b', works('input'), dead);
      const ear = await pulse.record('k_ear');
      await pause(4000);
      const heard = ear.take();
      const end = heard.length / (SINK_RATE / 1000);
      t.true(amplitudeAt(span(heard, end - 1000, end, SINK_RATE), 697, SINK_RATE) > 1000);
      t.is(agents.stderr, '', 'libasound says nothing');
    } finally {
      await agents.stop();
      await pulse.stop();
    }
  }),
);

function sentBy(agents: SoundAgents, name: string): number {
  const last = agents.events(name).findLast(({ kind }) => kind === 'statistics');
  return last?.kind === 'statistics' ? last.statistics.sent : 0;
}

withPulse(
  'a device that is not there is told with its reason, and the call goes on in silence',
  async (t) => {
    const pulse = await PulseServer.start(['x']);
    const agents = new SoundAgents(pulse.env);
    try {
      agents.start('a', { input: 'plughw:CARD=Nobody', output: 'nonsense' });
      agents.start('b', { input: 'tone:440', output: 'null' });
      await agents.join('a', 'b');
      const input = await agents.until('a', failed('input'));
      const output = await agents.until('a', failed('output'));
      t.regex(input.kind === 'device' ? input.note : '', /plughw:CARD=Nobody: no such card/);
      t.regex(output.kind === 'device' ? output.note : '', /nonsense: no such device/);
      await agents.until('a', (event) => event.kind === 'statistics' && event.statistics.sent > 80);
      t.is(agents.stderr, '');
    } finally {
      await agents.stop();
      await pulse.stop();
    }
  },
);

withPulse(
  'the bell rings through the card with the handset at rest, in its cadence',
  undisturbed(async (t) => {
    const pulse = await PulseServer.start(['bell']);
    const agents = new SoundAgents(pulse.env);
    try {
      agents.start('a', { input: 'silence', output: 'bell' });
      agents.command('a', { kind: 'ring', ring: { cadence: [400, 200, 400, 1000] } });
      await agents.until('a', works('output'));
      await pause(3000);
      const recorder = await pulse.record('bell');
      await pause(4500);
      const steps = stepsIn(recorder.take(), SINK_RATE).map(({ on, ms }) => [on, Math.round(ms / 10) * 10]);
      t.true(steps.length >= 5);
      for (const [on, ms] of steps)
        t.true(on === true ? ms === 400 : ms === 200 || ms === 1000, `${on} ${ms}`);
      agents.command('a', { kind: 'ring' });
      await pause(500);
      recorder.take();
      await pause(500);
      t.true(recorder.take().every((sample) => Math.abs(sample) < 50));
    } finally {
      await agents.stop();
      await pulse.stop();
    }
  }),
);

withPulse(
  'half a minute of talk has no drop-out',
  undisturbed(async (t) => {
    const { ms, dropOuts } = await soakSound({ seconds: 30 });
    t.true(ms > 25_000);
    t.deepEqual(dropOuts, []);
  }),
);
