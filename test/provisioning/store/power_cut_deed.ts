/**
 * What power_cut.test.ts has interrupted, in a process of its own: `node power_cut_deed.ts prepare|keep|local|drop DATA CARD`.
 * Exit code 3: the store said that it could not write.
 */
import { generationOf, type ReceivedLayer } from '#provisioning/generation.ts';
import type { Kept } from '#provisioning/lifecycle/types.ts';
import { readConfig } from '#provisioning/read.ts';
import { isMapping } from '#provisioning/schema_shape.ts';
import { DropDirectory, type ReadFile } from '#provisioning/store/drop_directory.ts';
import { ConfigurationStore, StoreError } from '#provisioning/store/store.ts';

export function layersOf(version: string): readonly ReceivedLayer[] {
  const accounts = [{ user: 'ann', domain: 'pbx.test', password: `s3cret ${version}` }];
  return [{ origin: 'server device', from: 'https://pbx.test/', value: { version, accounts } }];
}

/** `good`: proven; else on trial, with the one before as the last good one. */
export function keptOf(version: string, good: string): Kept {
  const [inForce, last] = [version, good].map((each) => generationOf(layersOf(each), [], 'pbx.test'));
  if (inForce === undefined || last === undefined) throw new Error('no version');
  return { inForce, good: last, ...(version === good ? {} : { trial: { starts: 1 } }), givenUp: [] };
}

export const LOCAL = { old: { name: 'old' }, new: { name: 'new' } };
export const STANDING = {
  pin: { host: 'pbx.test', keys: ['sha256/abc'] },
  url: 'https://pbx.test/',
  step: 'dhcp' as const,
  files: [],
};

export const readOwn: ReadFile = async (octets) => {
  const result = await readConfig(Buffer.from(octets).toString('utf8'));
  if ('error' in result) return result;
  const value = isMapping(result.given) ? result.given : {};
  return { format: 'dualtone', value, unknown: [], warnings: result.warnings };
};

const open = (data: string) =>
  ConfigurationStore.open(data, (text) => {
    throw new Error(text);
  });

const DEEDS: Readonly<Record<string, (data: string, card: string) => Promise<void>>> = {
  async prepare(data) {
    const store = await open(data);
    await store.keep(keptOf('1', '1'), { layers: layersOf('1') });
    await store.keepLocal(LOCAL.old);
  },
  async keep(data) {
    await (await open(data)).keep(keptOf('2', '1'), { layers: layersOf('2'), standing: STANDING });
  },
  async local(data) {
    await (await open(data)).keepLocal(LOCAL.new);
  },
  async drop(data, card) {
    const store = await open(data);
    const drop = new DropDirectory(card, readOwn, store.folder);
    const { file } = await drop.look();
    if (file === undefined) return;
    const layers = [file.layer];
    const inForce = generationOf(layers, [], undefined);
    await store.keep({ ...store.kept, inForce, trial: { starts: 1 } }, { layers, files: file.files });
    for (const warning of await drop.applied(file)) process.stdout.write(`${warning}\n`);
  },
};

if (import.meta.main) {
  const [, , deed = '', data = '', card = ''] = process.argv;
  try {
    await DEEDS[deed]?.(data, card);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    process.stdout.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 3;
  }
}
