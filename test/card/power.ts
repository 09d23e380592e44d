/**
 * The power goes while the card is written, again and again on the same card, at moments that chance chooses. After each
 * cut it has to start by itself, in the slot that U-Boot takes first; where a bundle was being installed it lies there still, and is
 * installed anew.
 *
 * A cut is SIGKILL to QEMU. Each sector that its card has taken is a write(2) to the image by then, and stays in it; what the
 * guest had not handed over, in its page cache or of a write of several sectors, is gone. QEMU's card never asks for a
 * flush: the cache mode of its drive (`writeback`, as ever) means only that the host's disk is not waited for. A format
 * with tables of its own, as qcow2, would lose more than a card does.
 */
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DUALTONE } from '../../image/build/accounts.ts';
import { OUT } from '../../image/build/places.ts';
import { BOOTSTATE, type Card } from '../../image/qemu/card.ts';
import { type Machine, raspberryPi } from '../../image/qemu/machine.ts';
import { seededRandom } from '../support/mutate.ts';
import { expect, PATIENCE, readyIn, Stand } from './stand.ts';

const BUNDLE = join(OUT, 'dualtone.raucb');
/** Bundles that lie on the card; as many as its data partition has room for are 9. */
const MOST_BUNDLES = 6;
/** s from the beginning of an installation until the other slot has started, on a busy host. */
const INSTALLATION = 400;
/** Sectors a second of a slow card: a write of the boot state takes long enough to be hit in its midst. */
const SLOW = 40;
/** Of reaching QEMU's monitor, 5 ms apart. */
const MOST_TRIES = 2000;
/** s until RAUC begins to install, or writes the boot state. */
const BEGINS = 900;

type Say = (text: string) => void;
type Random = () => number;

interface Moment {
  readonly name: string;
  /** Comes back when the power shall go. */
  readonly comes: (card: Card, machine: Machine, random: Random) => Promise<string>;
  /** The card is a slow one meanwhile. */
  readonly isSlow?: boolean;
  /** It comes before the telephone is there. */
  readonly early?: boolean;
}

/** In turn. */
const MOMENTS: readonly Moment[] = [
  {
    name: 'while a bundle is installed, until the other slot has started',
    async comes(_card, machine, random) {
      await machine.line(/STATUS .*"installing":/, BEGINS);
      const seconds = random() * INSTALLATION;
      await sleep(seconds * 1000);
      return `${seconds.toFixed(1)} s after it began, ${progress(machine)}`;
    },
  },
  {
    name: 'while U-Boot writes the boot state',
    isSlow: true,
    early: true,
    // Of all that starts U-Boot is the first to write, to count the start.
    comes: (card, _machine, random) => afterWrite(card, random() * 500),
  },
  {
    name: 'while RAUC writes the boot state',
    isSlow: true,
    comes: (card, _machine, random) => afterWrite(card, random() * 400),
  },
];

/** What the telephone said of the installation last. Throws an Error where it is refused: nothing would be written then. */
function progress(machine: Machine): string {
  const line = machine.lines.findLast((each) => /STATUS|starting/.test(each)) ?? '';
  const refused = /"refused":"([^"]*)"/.exec(line)?.[1];
  if (refused !== undefined) throw new Error(`the bundle is not installed: ${refused}`);
  const percent = /"installing":(\d+)/.exec(line)?.[1];
  if (percent !== undefined) return `at ${percent} %`;
  return line.includes('starting') ? 'while the other slot starts' : 'installed or done with';
}

/** `ms` after the first octet of the boot state's partition is another. */
async function afterWrite(card: Card, ms: number): Promise<string> {
  const { start } = card.range(BOOTSTATE);
  const file = openSync(card.path, 'r');
  // Its tables, its directory and the few files that there are.
  const before = Buffer.alloc(128 * 1024);
  const now = Buffer.alloc(before.length);
  readSync(file, before, 0, before.length, start);
  const end = performance.now() + BEGINS * 1000;
  try {
    for (;;) {
      readSync(file, now, 0, now.length, start);
      if (!now.equals(before)) break;
      if (performance.now() > end) throw new Error(`the boot state is not written within ${BEGINS} s`);
      await sleep(1);
    }
  } finally {
    closeSync(file);
  }
  await sleep(ms);
  return `${ms.toFixed(0)} ms after the first octet`;
}

/** What a start says that matters here. */
const TOLD =
  /^dualtone: (?:starting \S+ from|state_. is not|no boot state|neither|slot . (?:has no|cannot))|dualtone is ready after|panic/;

/** A card, and what happened to it. */
class Trial {
  readonly #say: Say;
  #stand: Stand;
  #slot = 'a';
  #installed = 0;

  constructor(say: Say) {
    this.#say = say;
    this.#stand = this.#fresh();
  }

  get card(): Card {
    return this.#stand.card;
  }

  /** Until the telephone is there; every start has to come to that. */
  async up(machine: Machine): Promise<void> {
    for (let starts = 0; ; ) {
      const line = await machine.line(TOLD, PATIENCE);
      this.#say(line);
      if (line.includes('starting')) starts++;
      expect(starts < 2 && !line.includes('panic'), 'the telephone is there at the first start');
      if (!line.includes('is ready')) continue;
      const { slot } = readyIn(line);
      if (slot !== this.#slot) this.#installed++;
      this.#slot = slot;
      return;
    }
  }

  power(): Machine {
    const monitor = ['-chardev', `socket,id=monitor,path=${this.#monitor},server=on,wait=off`];
    return raspberryPi(this.card, undefined, [...monitor, '-mon', 'chardev=monitor']);
  }

  /** One cut. What came of it is known when the card starts the next time. */
  async cut(moment: Moment, random: Random): Promise<string> {
    if (this.#installed >= MOST_BUNDLES - 1) this.#renew();
    const machine = this.power();
    try {
      if (!moment.early) await this.up(machine);
      if (moment.isSlow) await this.#slowDown();
      const when = await moment.comes(this.card, machine, random);
      await machine.cut();
      return `${when}; ${sane(this.card)}`;
    } finally {
      await machine.cut();
    }
  }

  /** The last word: nobody takes the power away any more. */
  async end(): Promise<void> {
    const machine = this.power();
    try {
      await this.up(machine);
    } finally {
      await machine.cut();
      this.card.remove();
    }
  }

  remove(): void {
    this.card.remove();
  }

  get #monitor(): string {
    return join(dirname(this.card.path), 'monitor');
  }

  /** Lets QEMU's card write less quickly. */
  async #slowDown(): Promise<void> {
    const monitor = await this.#connected();
    await once(monitor, 'data');
    // Octets and operations, of each all, reads and writes.
    monitor.end(`block_set_io_throttle sd0 0 0 0 0 0 ${SLOW}\n`);
    await once(monitor, 'data');
  }

  /** As soon as this machine listens; the socket of the one before may still lie there. */
  async #connected(): Promise<Socket> {
    for (let tries = 0; ; tries++) {
      const monitor = connect(this.#monitor);
      try {
        await once(monitor, 'connect');
        return monitor;
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
        await sleep(5);
      }
    }
  }

  #fresh(): Stand {
    const stand = new Stand(this.#say);
    // They are all the same, and what runs already is installed only if somebody insists. A file would go with the first
    // bundle, and then all others; the telephone does not remove a folder.
    stand.card.putData('dualtone/update/allow-older/always', '', DUALTONE);
    for (let number = 0; number < MOST_BUNDLES; number++)
      stand.card.putData(`dualtone/update/${number}.raucb`, { file: BUNDLE }, DUALTONE);
    return stand;
  }

  /** All its bundles are installed. */
  #renew(): void {
    this.card.remove();
    this.#stand = this.#fresh();
    this.#slot = 'a';
    this.#installed = 0;
  }
}

/** The boot state after a cut: whichever copy was being written, the other one says what U-Boot can go by. */
function sane(card: Card): string {
  const { a, b } = card.states();
  const state = card.state();
  const { order = '', a_left = '', b_left = '' } = state;
  const told = `state ${a ? `a ${a.seq}` : 'a torn'}, ${b ? `b ${b.seq}` : 'b torn'}: ${JSON.stringify(state)}`;
  expect(a !== undefined || b !== undefined, `a copy of the boot state is valid: ${told}`);
  expect(/^(?:a b|b a)$/.test(order) && /^[0-3]{2}$/.test(a_left + b_left), `it makes sense: ${told}`);
  return `boot state: order ${order}, starts left ${a_left} ${b_left}${a && b ? '' : ', one copy torn'}`;
}

/** @returns findings. Throws an Error where a card did not come up, or its boot state made no sense. */
export async function cutPower(times: number, seed: number, say: Say): Promise<readonly string[]> {
  const random = seededRandom(seed);
  const findings: string[] = [];
  const trial = new Trial(say);
  try {
    for (let round = 0; round < times; round++) {
      const moment = MOMENTS[round % MOMENTS.length];
      if (moment === undefined) break;
      say(`cut ${round + 1} of ${times}, ${moment.name}`);
      const what = await trial.cut(moment, random);
      say(what);
      findings.push(`cut ${moment.name}: ${what}`);
    }
    say('the power stays');
    await trial.end();
  } finally {
    trial.remove();
  }
  return [
    ...findings,
    `after each of ${times} cuts the telephone was there at the first start (seed ${seed})`,
  ];
}
