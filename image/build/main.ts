/** `npm run image`: from the lock list to the card. Each step is a file of this folder. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchAll, GONE, GoneError } from './archive.ts';
import { makeBoot } from './boot.ts';
import { NEW, serializeState } from './bootstate.ts';
import { type Builder, makeBuilder } from './builder.ts';
import { makeBundle } from './bundle.ts';
import { writeCard } from './card.ts';
import { type Extracted, extract } from './extracted.ts';
import { makeErofs, makeExt4, within } from './filesystems.ts';
import { makeBootstate, makeFirmware } from './firmware.ts';
import { prepareHost } from './host.ts';
import { type Keys, ownKeys } from './keys.ts';
import { type Lock, parseLock } from './lock.ts';
import { partition } from './mbr.ts';
import { type Options, optionsOf, USAGE } from './options.ts';
import { account, mapBlocks, pack } from './outputs.ts';
import { builderOf } from './packages.ts';
import { cached, forget, KEYS, LOCK } from './places.ts';
import { relock } from './relock.ts';
import { makeRuntime, type Runtime } from './runtime.ts';
import { step } from './step.ts';
import { makeSystem } from './system.ts';
import { makeUserland } from './userland.ts';

/** What a card is made of, all of it from the cache when it was there. */
interface Parts {
  readonly lock: Lock;
  readonly builder: Builder;
  readonly userland: string;
  readonly extracted: Extracted;
  readonly runtime: Runtime;
  readonly keys: Keys;
}

async function partsOf(options: Options): Promise<Parts> {
  await prepareHost();
  if (options.relock || !existsSync(LOCK)) await relock();
  const lock = parseLock(readFileSync(LOCK, 'utf8'));
  const own = builderOf(process.arch);
  const wanted = lock.packages.filter(({ role }) => !role.startsWith('builder-') || role === own);
  await step('packages', () => fetchAll(wanted));
  const outside = [options.key, options.cert].flatMap((file) => (file ? [dirname(file)] : []));
  // Neither needs the other, and each keeps one core busy.
  const [builder, userland] = await step('builder and userland', () =>
    Promise.all([makeBuilder(lock, [...outside, KEYS, options.out]), makeUserland(lock)]),
  );
  const extracted = await step('kernel and firmware', () => extract(lock, builder));
  const runtime = await step('Node and addons', () => makeRuntime(extracted, builder));
  return { lock, builder, userland, extracted, runtime, keys: await keysOf(options, builder) };
}

async function keysOf({ key, cert }: Options, builder: Builder): Promise<Keys> {
  if (key && cert) return { key, certificate: { file: cert, development: false } };
  return ownKeys(builder);
}

/** The two file systems of a slot, in files of `work`. */
async function slot(work: string, parts: Parts, { version, variant }: Options) {
  const { builder, extracted, lock } = parts;
  const { certificate } = parts.keys;
  const tree = join(work, 'tree');
  const system = join(work, 'system.erofs');
  await step('system', () => makeSystem(tree, { ...parts, version, variant, certificate }, builder));
  await step('system.erofs', () => makeErofs(system, tree, variant ? 'quick' : 'small', lock.epoch, builder));
  within(system, partition(7).size, 'the system');
  const boot = await step('boot.vfat', () => makeBoot(work, version, extracted, builder, lock.epoch));
  return { boot, system, version, epoch: lock.epoch };
}

async function card(target: string, work: string, parts: Parts, made: Awaited<ReturnType<typeof slot>>) {
  const { builder, extracted, lock } = parts;
  const data = join(work, 'data.ext4');
  await step('card', async () => {
    const firmware = await makeFirmware(work, extracted, builder);
    const state = await makeBootstate(work, serializeState(NEW), builder);
    await makeExt4(data, partition(4).size, lock.epoch, builder);
    const { boot, system } = made;
    const contents = [firmware, state, undefined, data, boot, boot, system, system];
    writeCard(target, new Map(contents.flatMap((file, index) => (file ? [[index + 1, file] as const] : []))));
  });
}

async function build(options: Options, work: string, coming: string): Promise<void> {
  const parts = await partsOf(options);
  const { builder, extracted } = parts;
  const out = (name: string) => join(coming, name);
  const made = await slot(work, parts, options);
  const bundle = out(options.variant ? `dualtone-${options.version}.raucb` : 'dualtone.raucb');
  if (options.variant) {
    await step('bundle', () => makeBundle(work, bundle, made, parts.keys, builder));
    return;
  }
  const image = out('dualtone.img');
  await card(image, work, parts, made);
  const handOut = [
    pack(image, builder),
    mapBlocks(image, builder).then(() => makeBundle(work, bundle, made, parts.keys, builder)),
  ];
  await step('img.xz, bmap and bundle', () => Promise.all(handOut));
  const weighed = {
    'system.erofs': made.system,
    initrd: join(work, 'initrd'),
    kernel: join(extracted.root, 'Image.gz'),
  };
  const sizes = Object.entries(weighed).map(([name, file]) => [name, statSync(file).size] as const);
  await account(
    { version: options.version, out: coming },
    [image, `${image}.xz`, out('dualtone.bmap'), bundle],
    Object.fromEntries(sizes),
  );
  console.log(`the card: ${join(options.out, 'dualtone.img.xz')}; how to flash it: docs/image.md`);
  console.log(`packages: ${LOCK}, and /usr/share/dualtone/packages.txt of the system`);
  if (parts.keys.certificate.development)
    console.log('updates: signed with a development key; your own by --key and --cert');
}

/**
 * In folders of its own, so that two can be made at the same time; what is handed out takes its place whole, and what was
 * there before stays when the making fails.
 */
async function main(options: Options): Promise<void> {
  mkdirSync(options.out, { recursive: true });
  mkdirSync(KEYS, { recursive: true, mode: 0o700 });
  forget();
  const work = mkdtempSync(join(cached(), 'work-'));
  const coming = mkdtempSync(join(options.out, '.coming-'));
  try {
    await build(options, work, coming);
    for (const name of readdirSync(coming)) renameSync(join(coming, name), join(options.out, name));
  } finally {
    for (const folder of [work, coming]) rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await main(options);
} catch (error) {
  console.error(`no card: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof GoneError ? GONE : 1;
}
