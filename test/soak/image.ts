/**
 * The card in use writes nothing but its data and its boot state: an emulated telephone with a drop file registers at
 * Kamailio, calls, and is asked how it is, for as long as one likes. Then the octets of all other partitions are those
 * from before, and the system itself has counted no sector written to them.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Card } from '../../image/qemu/card.ts';
import { House } from '../card/house.ts';
import { expect } from '../card/stand.ts';
import { VirtualStand } from '../card/virtual_stand.ts';
import { DOMAIN, PASSWORD, startRegistrar } from '../lab/peers/registrar.ts';

/** By number: what may not change. */
const READ_ONLY = { 1: 'firmware', 5: 'boot a', 6: 'boot b', 7: 'system a', 8: 'system b' } as const;
const NUMBERS = Object.keys(READ_ONLY).map(Number);
/** The one that a drop file is taken from, and erased, once. */
const DROPPED = 1;
const DROP = `accounts:\n  - {user: alice, domain: ${DOMAIN}, password: ${PASSWORD}}\n`;
/** s */
const PAUSE = 20;
const TAKEN = 600;

/** What somebody does with the telephone; the second is told by the registrar that there is nobody. */
const USES = [
  "dualtone dial '*41' && sleep 3 && dualtone hangup",
  `dualtone dial nobody@${DOMAIN} || true; sleep 2; dualtone hangup || true`,
  'dualtone status --json >/dev/null && dualtone screen >/dev/null',
  'dualtone press 1 2 3 && dualtone hook on; true',
];
/** Sectors written since the start, by partition: field 7 (Documentation/block/stat.rst). */
const WRITTEN = `for p in /sys/class/block/*/partition; do d=\${p%/partition}; set -- $(cat $d/stat); echo "$(cat $p) $7"; done`;
/** Devices that something is mounted of to be written to. */
const WRITABLE = 'awk \'$1 ~ "^/dev/" && $4 ~ /^rw/ {print $1, $2}\' /proc/mounts';

async function sumOf(card: Card, partition: number): Promise<string> {
  const { start, size } = card.range(partition);
  const hash = createHash('sha256');
  for await (const part of createReadStream(card.path, { start, end: start + size - 1 })) hash.update(part);
  return hash.digest('hex');
}

const sumsOf = async (card: Card): Promise<readonly string[]> => {
  const sums: string[] = [];
  for (const number of NUMBERS) sums.push(await sumOf(card, number));
  return sums;
};

/** Until the drop file is taken: it is registered, and its secret is gone from the card. */
async function settled(house: House, card: Card): Promise<void> {
  const end = performance.now() + TAKEN * 1000;
  while (performance.now() < end) {
    const status = await house.sh('dualtone status --json');
    const isGone = !card.names(DROPPED).includes('dualtone.yaml');
    if (/"state":"registered"/.test(status) && isGone) return;
    await sleep(2000);
  }
  throw new Error(`not registered within ${TAKEN} s`);
}

/** Sectors written since the start, by number of the partition. */
async function writtenIn(house: House): Promise<ReadonlyMap<number, number>> {
  const lines = (await house.sh(WRITTEN)).trim().split('\n');
  return new Map(lines.map((line) => line.split(' ').map(Number) as [number, number]));
}

async function use(house: House, minutes: number, say: (text: string) => void): Promise<number> {
  const end = performance.now() + minutes * 60_000;
  let uses = 0;
  while (performance.now() < end) {
    const command = USES[uses % USES.length] ?? '';
    await house.sh(command);
    uses++;
    if (uses % 10 === 0) say(`used ${uses} times`);
    await sleep(PAUSE * 1000);
  }
  return uses;
}

/** @param minutes for which it is in use */
export async function watchCard(minutes: number, say: (text: string) => void): Promise<readonly string[]> {
  await using house = await House.build();
  await startRegistrar(house.home);
  const stand = new VirtualStand({ house, say, drop: { 'dualtone.yaml': DROP } });
  const { card } = stand;
  try {
    const [, ...flashed] = await sumsOf(card);
    stand.power();
    await stand.ready();
    await settled(house, card);
    const writable = (await house.sh(WRITABLE)).trim().split('\n');
    const before = await sumsOf(card);
    say('registered; its drop file is taken');
    const begun = await writtenIn(house);
    const uses = await use(house, minutes, say);
    const written = await writtenIn(house);
    const inUse = (number: number) => (written.get(number) ?? 0) - (begun.get(number) ?? 0);
    const status = await house.sh('dualtone status');
    await stand.cut();
    const after = await sumsOf(card);
    return [
      expect(/registered/.test(status), `${minutes} minutes, used ${uses} times, registered to the end`),
      ...NUMBERS.map((number, index) =>
        expect(
          before[index] === after[index] && (number === DROPPED || flashed[index - 1] === after[index]),
          `partition ${number} is as it was, ${before[index]?.slice(0, 16)}…, ${written.get(number)} sectors written`,
        ),
      ),
      expect(
        NUMBERS.every((number) => number === DROPPED || written.get(number) === 0),
        `sectors written while in use, and before that: ${[2, 4].map((number) => `${inUse(number)}, ${begun.get(number)} of partition ${number}`).join('; ')}`,
      ),
      expect(
        writable.every((line) => /^\/dev\/\S*4 \/data$/.test(line)),
        `mounted to be written to: ${writable.join(', ')}`,
      ),
    ];
  } finally {
    await stand.end();
  }
}

export async function soakImage(minutes: number): Promise<boolean> {
  const begin = performance.now();
  const since = () => ((performance.now() - begin) / 60_000).toFixed(1).padStart(6);
  try {
    for (const finding of await watchCard(minutes, (text) => console.error(`${since()} min  ${text}`)))
      console.log(`✔ ${finding}`);
    return true;
  } catch (error) {
    console.log(`✖ ${error instanceof Error ? error.message : error}`);
    return false;
  }
}
