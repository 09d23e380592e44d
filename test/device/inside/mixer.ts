/** A card's mixer, on the kernel's snd-dummy: controls with volumes and switches, as those of a codec; looked at by amixer. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from '#engine/client.ts';
import { loadAlsa } from '#hal/linux/sound/alsa.ts';
import { openMixer } from '#hal/linux/sound/mixer.ts';
import { Routes } from '#hal/linux/sound/routes.ts';
import type { MixerPlan, SoundRoute } from '#media/types.ts';
import type { Checks } from './check.ts';

const CARD = 'hw:CARD=Dummy';
const PCM = 'plughw:CARD=Dummy';
/** ms until the sound thread has set what it was told. */
const PATIENCE = 10_000;

const PLAN: MixerPlan = {
  card: CARD,
  routes: {
    handset: {
      controls: [
        { control: 'Synth', level: 0.75, on: true },
        { control: 'CD', level: 0, on: false },
      ],
      volume: 'Master',
    },
    speaker: {
      controls: [
        { control: 'Synth', level: 0, on: false },
        { control: 'CD', level: 1, on: true },
        { control: 'No such control', on: true },
      ],
      volume: 'Line',
    },
  },
};

interface Control {
  /** 0–1 of its range. */
  readonly level: number;
  readonly on: boolean;
}

/** As amixer reads it, the left channel. */
function control(name: string): Control {
  const { stdout } = spawnSync('amixer', ['-D', CARD, 'sget', `${name},0`], { encoding: 'utf8' });
  const [, percent] = /Front Left:.*?\[(\d+)%\]/.exec(stdout) ?? [];
  assert.notEqual(percent, undefined, `${name}: ${stdout}`);
  return { level: Number(percent) / 100, on: /Front Left:.*\[on\]/.test(stdout) };
}

async function eventually(what: string, probe: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE; !probe(); await sleep(100))
    assert.ok(performance.now() < end, `not seen: ${what}`);
}

export const checks: Checks = {
  'a route sets its controls, and says which the card has not': async () => {
    const mixer = openMixer(await loadAlsa(), CARD);
    assert.ok(mixer.controls.includes('Master'), mixer.controls.join());
    const routes = new Routes<SoundRoute>(mixer, PLAN.routes);
    assert.deepEqual(routes.take('handset'), []);
    assert.deepEqual(
      [control('Synth'), control('CD')],
      [
        { level: 0.75, on: true },
        { level: 0, on: false },
      ],
    );
    assert.deepEqual(routes.take('speaker'), ['No such control']);
    assert.deepEqual(
      [control('Synth'), control('CD')],
      [
        { level: 0, on: false },
        { level: 1, on: true },
      ],
    );
    mixer.close();
    return { controls: mixer.controls.join(', ') };
  },
  'the volume is that of the route, and goes along with it': async () => {
    const mixer = openMixer(await loadAlsa(), CARD);
    const routes = new Routes<SoundRoute>(mixer, PLAN.routes);
    routes.take('handset');
    routes.volume = 0.4;
    assert.equal(control('Master').level, 0.4);
    routes.take('speaker');
    assert.equal(control('Line').level, 0.4);
    routes.volume = 2;
    assert.deepEqual([control('Line').level, control('Master').level], [1, 0.4]);
    mixer.close();
    return undefined;
  },
  'a choice is made by its name, and one that there is not is told': async () => {
    const mixer = openMixer(await loadAlsa(), CARD);
    const chosen = (): string =>
      spawnSync('amixer', ['-D', CARD, 'sget', 'External I/O Box,0'], { encoding: 'utf8' }).stdout;
    for (const item of ['CD Player', 'None']) {
      assert.equal(mixer.set({ control: 'External I/O Box', item }), true);
      assert.match(chosen(), new RegExp(`Item0: '${item}'`));
    }
    assert.equal(mixer.set({ control: 'External I/O Box', item: 'Gramophone' }), false);
    assert.equal(mixer.set({ control: 'Master', item: 'None' }), false);
    mixer.close();
    return undefined;
  },
  'a card without mixer says so': async () => {
    const alsa = await loadAlsa();
    assert.throws(() => openMixer(alsa, 'hw:CARD=Nobody'), /hw:CARD=Nobody: mixer: /);
    return undefined;
  },
  'the engine sets route and volume while it plays, and those of before its start': async () => {
    const engine = startEngine({ devices: { input: PCM, output: PCM, sound: { mixer: PLAN, period: 20 } } });
    engine.command({ kind: 'volume', ear: 0.3 });
    engine.command({ kind: 'route', to: 'speaker' });
    engine.command({ kind: 'handset', inUse: true });
    await eventually('the speaker with its volume', () => control('Line').level === 0.3 && control('CD').on);
    engine.command({ kind: 'route', to: 'handset' });
    await eventually('the handset', () => control('Master').level === 0.3 && !control('CD').on);
    engine.command({ kind: 'volume', ear: 0.9 });
    await eventually('another volume', () => control('Master').level === 0.9);
    await engine.stop();
    return undefined;
  },
};
