/**
 * Two engines talk through sound cards that are PulseAudio; a sine goes in at one mouth and is watched at the other
 * ear all the time. What leaves the sine for more than a moment is a drop-out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { gapsIn } from '../support/goertzel.ts';
import { PulseServer, SINK_RATE } from '../support/pulse.ts';
import { SoundAgents } from '../support/sound_agent.ts';
import { Standstills } from '../support/standstill.ts';

const HZ = 1000;
/** Until every stream has found its level. */
const SETTLING_MS = 5000;
const LOOK_MS = 5000;
/** A gap of more than this is heard. */
const GAP_MS = 5;
const MOST_SECONDS = 24 * 3600;
/** So long around a drop-out, ms, a standstill of the machine is its cause: sound waits in cards and servers. */
const AROUND = 200;

interface DropOut {
  /** ms from the beginning. */
  readonly at: number;
  readonly ms: number;
  /** ms for which the machine itself stood still around it. */
  readonly stoodStill: number;
}

export interface SoakOutcome {
  /** Sound listened to, ms. */
  readonly ms: number;
  readonly dropOuts: readonly DropOut[];
  /** ms of CPU a minute of both engines. */
  readonly cpuPerMinute: number;
  /** What the engines said of their devices beyond that they work. */
  readonly troubles: readonly string[];
}

export async function soakSound({
  seconds,
  progress = () => {},
}: {
  readonly seconds: number;
  readonly progress?: (text: string) => void;
}): Promise<SoakOutcome> {
  const modules = [`module-sine sink=s_mouth frequency=${HZ} rate=${SINK_RATE}`];
  const pulse = await PulseServer.start(['s_mouth', 's_ear', 't_mouth', 't_ear'], modules);
  const agents = new SoundAgents(pulse.env);
  const machine = new Standstills();
  try {
    agents.start('a', { input: 's_mouth_mouth', output: 't_ear' });
    agents.start('b', { input: 't_mouth_mouth', output: 's_ear' });
    await agents.join('a', 'b');
    await sleep(SETTLING_MS);
    const recorder = await pulse.record('s_ear');
    const begin = performance.now();
    const cpu = await agents.cpu();
    const dropOuts: DropOut[] = [];
    let ms = 0;
    while (performance.now() - begin < Math.min(seconds, MOST_SECONDS) * 1000) {
      await sleep(LOOK_MS);
      const samples = recorder.take();
      for (const gap of gapsIn(samples, HZ, GAP_MS, SINK_RATE)) {
        const at = ms + gap.at;
        const heardAt = performance.timeOrigin + recorder.startedAt + at;
        const stoodStill = machine.longestIn(heardAt - AROUND, heardAt + gap.ms + AROUND);
        dropOuts.push({ at, ms: gap.ms, stoodStill });
        progress(
          `drop-out of ${gap.ms} ms, the machine stood still for ${stoodStill} ms; ${devicesOf(agents)}`,
        );
      }
      ms += samples.length / (SINK_RATE / 1000);
      progress(`${Math.round(ms / 1000)} s heard, ${dropOuts.length} drop-outs`);
    }
    const minutes = (performance.now() - begin) / 60_000;
    return {
      ms,
      dropOuts,
      cpuPerMinute: ((await agents.cpu()) - cpu) / minutes,
      troubles: troublesOf(agents),
    };
  } finally {
    machine.stop();
    await agents.stop();
    await pulse.stop();
  }
}

/** What each engine said of its devices last. */
function devicesOf(agents: SoundAgents): string {
  return ['a', 'b']
    .flatMap((name) =>
      (['input', 'output'] as const).map((part) => {
        const last = agents.events(name).findLast((event) => event.kind === 'device' && event.part === part);
        return `${name} ${part}: ${last?.kind === 'device' ? last.note : 'nothing'}`;
      }),
    )
    .join('; ');
}

function troublesOf(agents: SoundAgents): readonly string[] {
  return ['a', 'b'].flatMap((name) =>
    agents
      .events(name)
      .flatMap((event) =>
        event.kind === 'device' && event.state === 'failed' ? [`${name}: ${event.part}: ${event.note}`] : [],
      ),
  );
}
