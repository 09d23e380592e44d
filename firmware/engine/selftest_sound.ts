/** The sound card in a selftest: opened as in a call, a tone or one's own voice in the ear. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SelftestSound } from '#hal/selftest/run.ts';
import type { PartStatus } from '#hal/types.ts';
import type { AudioDevices, Tone } from '#media/types.ts';
import { startEngine } from './client.ts';

const TONE: Tone = {
  intro: [],
  loop: [
    { hz: [425], ms: 500 },
    { hz: [], ms: 500 },
  ],
};
/** ms within which a card has been opened, or has failed. */
const OPENING = 1500;

export function selftestSound(devices: AudioDevices): SelftestSound {
  const engine = startEngine({ devices });
  const statuses = new Map<string, PartStatus>();
  engine.onEvent((event) => {
    if (event.kind !== 'device') return;
    const part = `sound ${event.part}`;
    statuses.set(part, { part, state: event.state, driver: devices[event.part], note: event.note });
  });
  return {
    open: async () => {
      engine.command({ kind: 'handset', inUse: true });
      await sleep(OPENING);
      return [...statuses.values()];
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
