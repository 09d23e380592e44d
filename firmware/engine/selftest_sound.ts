/** The sound card in a selftest: opened as in a call, a tone or one's own voice in the ear. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SelftestSound } from '#hal/selftest/run.ts';
import type { PartStatus } from '#hal/types.ts';
import type { AudioDevices, Tone } from '#media/types.ts';
import { type Engine, startEngine } from './client.ts';
import { isCardName } from './sources.ts';

const TONE: Tone = {
  intro: [],
  loop: [
    { hz: [425], ms: 500 },
    { hz: [], ms: 500 },
  ],
};
/** ms for a card to be opened or to fail; a slow board takes two seconds for the threads alone. */
const OPENING = 6000;
const LOOK = 50;

/** @param engine for tests: one that does not open anything. */
export function selftestSound(
  devices: AudioDevices,
  { engine = startEngine({ devices }), patience = OPENING }: { engine?: Engine; patience?: number } = {},
): SelftestSound {
  const parts = (['input', 'output'] as const).filter((part) => isCardName(devices[part]));
  const statuses = new Map<string, PartStatus>();
  engine.onEvent((event) => {
    if (event.kind !== 'device') return;
    const part = `sound ${event.part}`;
    statuses.set(part, { part, state: event.state, driver: devices[event.part], note: event.note });
  });
  return {
    open: async () => {
      engine.command({ kind: 'handset', inUse: true });
      const end = performance.now() + patience;
      while (statuses.size < parts.length && performance.now() < end) await sleep(LOOK);
      const note = `was not opened within ${patience / 1000} s`;
      return parts.map((part): PartStatus => {
        const name = `sound ${part}`;
        return statuses.get(name) ?? { part: name, state: 'failed', driver: devices[part], note };
      });
    },
    play: (sound) => {
      engine.command({ kind: 'tone', ...(sound === 'tone' && { tone: TONE }) });
      engine.command({ kind: 'connect', to: sound === 'echo' ? 'echo' : 'nothing' });
    },
    ring: (cadence, wav) => {
      const sound = wav === undefined ? {} : { sound: wav };
      engine.command({ kind: 'ring', ...(cadence && { ring: { cadence, ...sound } }) });
    },
    close: () => engine.stop(),
  };
}
