import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { ReceivedLayer } from '#provisioning/generation.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { InForce, type Offer } from '#provisioning/store/in_force.ts';
import { keptPath } from '#provisioning/store/kept_files.ts';
import { ConfigurationStore } from '#provisioning/store/store.ts';
import { until } from '../../support/process.ts';

const TIMINGS = { trial: 150, uptime: 50 };
const BASE = [{ origin: 'board' as const, from: 'sim', value: { audio: { input: 'plughw:1' } } }];

/** A telephone that only notes by which names it went, on a real store. */
class Stand {
  readonly data: string;
  readonly names: string[] = [];
  readonly told: string[] = [];
  readonly unpinned: string[] = [];
  store!: ConfigurationStore;
  inForce!: InForce;
  broken = '';

  constructor(data = mkdtempSync(join(tmpdir(), 'dualtone-force-'))) {
    this.data = data;
  }

  async start(): Promise<this> {
    this.store = await ConfigurationStore.open(this.data, (text) => this.told.push(text));
    this.inForce = new InForce({
      store: this.store,
      base: BASE,
      timings: TIMINGS,
      apply: async (layers) => {
        const { name } = mergeLayers(layers).config;
        if (name === this.broken) throw new Error('port 5060 is taken');
        this.names.push(name);
      },
      told: (_, text) => this.told.push(text),
      unpinned: (host) => this.unpinned.push(host),
    });
    await this.inForce.start();
    return this;
  }
}

function offer(version: string, more: Partial<Offer> = {}): Offer {
  const accounts = [{ user: 'ann', domain: 'pbx.test' }];
  const layers: readonly ReceivedLayer[] = [
    { origin: 'server device', from: 'https://pbx.test/', value: { version, name: `v${version}`, accounts } },
  ];
  return { layers, server: 'pbx.test', ...more };
}

const STANDING = {
  pin: { host: 'pbx.test', keys: [] },
  url: 'https://pbx.test/',
  step: 'dhcp' as const,
  files: [],
};
const DROP: Offer = {
  layers: [{ origin: 'drop file', from: '/boot/x.yaml', value: { name: 'drop', country: 'DE' } }],
};

test('a server’s configuration comes into force, registers, and is there after a restart', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1', { standing: STANDING }));
  t.is(stand.inForce.report.state, 'trial');
  await stand.inForce.registered();
  await stand.inForce.stop();
  const again = await new Stand(stand.data).start();
  t.deepEqual([stand.names, again.names], [['Dualtone', 'v1'], ['v1']]);
  t.like(again.inForce.report, { state: 'settled', version: '1', server: 'pbx.test' });
  t.deepEqual(again.store.standing, STANDING);
  t.is(mergeLayers(again.inForce.layers).config.audio.input, 'plughw:1');
});

test('files that an offer brings are there when its layers are applied, and after it was undone no more', async (t) => {
  const stand = await new Stand().start();
  const path = keptPath(stand.store.folder, Buffer.from('AUTHORITY'));
  const layers: readonly ReceivedLayer[] = [
    { origin: 'drop file', from: '/boot/x.yaml', value: { name: 'drop', net: { tlsCa: path } } },
  ];
  const files = new Map([[path, Buffer.from('AUTHORITY')]]);
  await stand.inForce.offer({ layers, files });
  t.is(stand.names.at(-1), 'drop');
  t.is(readFileSync(path, 'utf8'), 'AUTHORITY');
  await stand.inForce.forget();
  t.false(existsSync(path));
  stand.broken = 'drop';
  await stand.inForce.offer({ layers, files });
  t.is(stand.names.at(-1), 'Dualtone');
  t.false(existsSync(path));
});

test('who registered with the configuration before says nothing of the one that is coming', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  const coming = stand.inForce.offer(offer('2'));
  await stand.inForce.registered();
  await coming;
  t.is(stand.inForce.report.state, 'trial');
  await stand.inForce.registered();
  t.is(stand.inForce.report.state, 'settled');
  await stand.inForce.stop();
});

test('one that turns out to be unusable when the telephone is free for it makes way', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  await stand.inForce.offer(offer('2'));
  await stand.inForce.unusable('port 5060 is taken');
  t.deepEqual(stand.names, ['Dualtone', 'v1', 'v2', 'v1']);
  t.regex(stand.told.at(-1) ?? '', /configuration 2 .*cannot be used \(port 5060 is taken\)/);
  await stand.inForce.stop();
});

test('one that does not register goes by itself, and the server is not asked for it again', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  await stand.inForce.offer(offer('2', { standing: STANDING }));
  await until('roll-back', () => stand.names.at(-1) === 'v1' && stand.names.length > 2);
  t.regex(stand.told.at(-1) ?? '', /configuration 2 .* back to configuration 1/);
  const later = { ...STANDING, version: '2' };
  await stand.inForce.offer(offer('2', { standing: later }));
  t.deepEqual(stand.names, ['Dualtone', 'v1', 'v2', 'v1']);
  t.deepEqual(stand.store.standing, later);
  await stand.inForce.stop();
});

/** As of a server that was believed because it was the first. */
const FIRST = { ...STANDING, provisional: true };

test('with the configuration of the first server its pin goes too, also when it gives the same again', async (t) => {
  const stand = await new Stand().start();
  stand.broken = 'v1';
  await stand.inForce.offer(offer('1', { standing: FIRST }));
  t.deepEqual([stand.unpinned, stand.store.standing], [['pbx.test'], undefined]);
  await stand.inForce.offer(offer('1', { standing: FIRST }));
  t.deepEqual([stand.unpinned, stand.store.standing], [['pbx.test', 'pbx.test'], undefined]);
  await stand.inForce.stop();
  const again = await new Stand(stand.data).start();
  t.is(again.store.standing, undefined);
  await again.inForce.stop();
});

test('the first server stays pinned where it gave something good before', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1', { standing: FIRST }));
  await stand.inForce.registered();
  stand.broken = 'v2';
  await stand.inForce.offer(offer('2', { standing: FIRST }));
  t.is(stand.names.at(-1), 'v1');
  t.deepEqual([stand.unpinned, stand.store.standing], [[], FIRST]);
  await stand.inForce.stop();
});

test('a server that a person chose stays pinned though what it gave is undone', async (t) => {
  const stand = await new Stand().start();
  stand.broken = 'v1';
  await stand.inForce.offer(offer('1', { standing: STANDING }));
  t.is(stand.names.at(-1), 'Dualtone');
  t.deepEqual([stand.unpinned, stand.store.standing], [[], STANDING]);
  await stand.inForce.stop();
});

test('a refused replay leaves no trace in what is known of the server', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('2', { standing: STANDING }));
  await stand.inForce.registered();
  await stand.inForce.offer(offer('1', { standing: { ...STANDING, version: '1' } }));
  t.deepEqual([stand.names, stand.store.standing], [['Dualtone', 'v2'], STANDING]);
  t.regex(stand.inForce.report.refused ?? '', /older/);
  await stand.inForce.offer(offer('1', { insisted: true }));
  t.is(stand.names.at(-1), 'v1');
  await stand.inForce.stop();
});

test('one with which the telephone cannot start gives way at once, but nothing replaces what has proven itself', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  stand.broken = 'v2';
  await stand.inForce.offer(offer('2'));
  t.deepEqual(stand.names, ['Dualtone', 'v1', 'v1']);
  t.regex(stand.told.at(-1) ?? '', /cannot be used \(port 5060 is taken\)/);
  await stand.inForce.stop();
  const again = new Stand(stand.data);
  again.broken = 'v1';
  await t.throwsAsync(again.start(), { message: 'port 5060 is taken' });
});

test('a drop file lies under what the server says, and each replaces only its own', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(DROP);
  await stand.inForce.offer(offer('1'));
  t.deepEqual(stand.names, ['Dualtone', 'drop', 'v1']);
  const { config } = mergeLayers(stand.inForce.layers);
  t.like(config, { name: 'v1', country: 'DE' });
  await stand.inForce.offer({
    layers: [{ origin: 'drop file', from: '/boot/y.yaml', value: { country: 'FR' } }],
  });
  t.like(mergeLayers(stand.inForce.layers).config, { name: 'v1', country: 'FR' });
  t.is(stand.inForce.report.server, 'pbx.test');
  await stand.inForce.stop();
});

test('a person’s change is in force at once and lies over all others', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.changeLocal({ name: 'mine' });
  await stand.inForce.offer(offer('2'));
  t.deepEqual(stand.names, ['Dualtone', 'v1', 'mine', 'mine']);
  t.is(mergeLayers(stand.inForce.below).config.name, 'v2');
  await stand.inForce.stop();
});

test('a person’s change with which the telephone cannot start is undone, and is not there after a restart', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  await stand.inForce.changeLocal({ name: 'mine' });
  stand.broken = 'bad';
  await t.throwsAsync(stand.inForce.changeLocal({ name: 'bad' }), { message: /port 5060 is taken/ });
  t.deepEqual(stand.names, ['Dualtone', 'v1', 'mine', 'mine']);
  t.deepEqual(stand.store.local, { name: 'mine' });
  t.like(stand.inForce.report, { state: 'settled', version: '1' });
  // In a call it is taken at first, and turns out later.
  await stand.inForce.changeLocal({ name: 'late' });
  await stand.inForce.unusable('port 5060 is taken');
  t.is(stand.names.at(-1), 'mine');
  await stand.inForce.unusable('of what is settled there is nothing to take back');
  t.is(stand.names.at(-1), 'mine');
  await stand.inForce.stop();
  const again = new Stand(stand.data);
  again.broken = 'bad';
  await again.start();
  t.deepEqual(again.names, ['mine']);
  await again.inForce.stop();
});

test('what cannot be written is not in force, and the next attempt may succeed', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  const obstacle = join(stand.data, 'provisioning', 'state.json.new');
  mkdirSync(obstacle);
  await stand.inForce.offer(offer('2'));
  t.deepEqual(stand.names, ['Dualtone', 'v1']);
  t.is(stand.inForce.report.version, '1');
  t.regex(stand.told.join('\n'), /cannot write .*state\.json.*\n.*configuration 2 .*cannot be kept/);
  rmSync(obstacle, { recursive: true });
  await stand.inForce.offer(offer('2'));
  t.is(stand.inForce.report.version, '2');
  await stand.inForce.stop();
});

test('an orderly end stops the clock of the trial', async (t) => {
  const stand = await new Stand().start();
  await stand.inForce.offer(offer('1'));
  await stand.inForce.registered();
  await stand.inForce.offer(offer('2'));
  await stand.inForce.stop();
  await sleep(2 * TIMINGS.trial);
  t.is(stand.names.at(-1), 'v2');
  t.like((await new Stand(stand.data).start()).inForce.report, { state: 'trial', version: '2' });
});
