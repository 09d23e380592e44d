/**
 * RAUC on the system bus, by systemd's busctl: asked a few times a day, so that no D-Bus of our own is carried for it.
 * What it may be asked by the telephone's user: image/device/usr/share/dbus-1/system.d/de.pengutronix.rauc.conf.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Inspected, readInspected } from '#update/inspected.ts';
import { otherOf, readSlots, type Slots } from '#update/slots.ts';
import type { Bundle } from '#update/types.ts';

const execute = promisify(execFile);

export interface RaucPlaces {
  readonly busctl: string;
  /** Its configuration: where there is none there is no RAUC for us. */
  readonly configuration: string;
  /** The boot state as dualtone-slot.service has read it: `name=value` lines. */
  readonly bootState: string;
}

export const PLACES: RaucPlaces = {
  busctl: 'busctl',
  configuration: '/etc/rauc/system.conf',
  bootState: '/run/dualtone-slot',
};

const WHERE = ['de.pengutronix.rauc', '/', 'de.pengutronix.rauc.Installer'] as const;
export type Outcome = 'installed' | 'runs already';

/** ms that one call may take: each writes a boot state at most. */
const PATIENCE = 60_000;
/** ms */
const PAUSE = 1000;
/** Questions in a row that may go without an answer: RAUC has ended then. */
const MOST_SILENCE = 30;
/** ms after which an installation is not believed in any more. */
const LONGEST = 2 * 3_600_000;

export class Rauc {
  readonly #places: RaucPlaces;
  readonly #pause: number;

  /** @param pause ms between questions about an installation */
  constructor(places: RaucPlaces = PLACES, pause = PAUSE) {
    this.#places = places;
    this.#pause = pause;
  }

  /** Whether this system is one that RAUC updates. */
  get isThere(): boolean {
    return existsSync(this.#places.configuration);
  }

  /** Rejects with a reason for people. */
  async slots(): Promise<Slots> {
    const reply = await this.#call('GetSlotStatus');
    // Without it nothing is known to have been given up.
    const bootState = await readFile(this.#places.bootState, 'utf8').catch(() => '');
    const slots = readSlots(reply, bootState);
    if (slots === undefined) throw new Error('RAUC knows no slot that runs');
    return slots;
  }

  /** The slot that runs is good. */
  async mark(): Promise<void> {
    await this.#call('Mark', 'ss', 'good', 'booted');
  }

  /**
   * Resolves when the bundle is installed, or where it is the one that what runs came by and nobody insists; rejects with
   * RAUC's own words where it is refused, and where it is of another version than was offered.
   *
   * @param progress percent
   * @param authorities PEM file of those who vouch for a server, in place of the system's
   */
  async install(
    { source, allowOlder, version }: Bundle,
    progress: (percent: number) => void,
    ended: AbortSignal,
    authorities?: string,
  ): Promise<Outcome> {
    // Of a telephone that ended meanwhile: RAUC goes on, and would refuse a second one.
    await this.#idle(progress, ended);
    const access: readonly Option[] = authorities === undefined ? [] : [['tls-ca', 's', authorities]];
    const inspected = await this.#inspect(source, version, access);
    if (!allowOlder && inspected !== undefined && (await this.#isRunning(inspected))) return 'runs already';
    const hash = version === undefined ? undefined : inspected?.hash;
    await this.#call(
      'InstallBundle',
      'sa{sv}',
      source,
      ...dictionary([
        ...(allowOlder ? [['ignore-version-limit', 'b', 'true'] as const] : []),
        ...access,
        ...(hash === undefined ? [] : [['require-manifest-hash', 's', hash] as const]),
      ]),
    );
    await pause(this.#pause, ended);
    const error = await this.#idle(progress, ended);
    if (error !== '') throw new Error(error);
    return 'installed';
  }

  /**
   * Rejects where it is of another version than its channel says: it would be installed again after each start, for what
   * runs then is older than what is offered still. Of what a person chose (`version` is undefined) RAUC says at the
   * installation why it is refused.
   */
  async #inspect(
    source: string,
    version: string | undefined,
    access: readonly Option[],
  ): Promise<Inspected | undefined> {
    const asked = this.#call('InspectBundle', 'sa{sv}', source, ...dictionary(access));
    if (version === undefined) return readInspected(await asked.catch(() => undefined));
    const found = readInspected(await asked);
    if (found === undefined) throw new Error('RAUC does not say what is in it');
    if (found.version !== version)
      throw new Error(`its version is ${found.version}, its channel says ${version}`);
    return found;
  }

  /** Whether what runs came by it. Rejects where it was given up: three starts were enough. */
  async #isRunning({ hash }: Inspected): Promise<boolean> {
    const { slot, hash: running, other, fell } = await this.slots();
    if (fell === otherOf(slot) && hash === other.hash) throw new Error('it was tried and given up');
    return hash === running;
  }

  /** Until it does nothing; why the last installation failed, empty where it did not. */
  async #idle(progress: (percent: number) => void, ended: AbortSignal): Promise<string> {
    const until = performance.now() + LONGEST;
    for (let silence = 0; performance.now() < until; ) {
      const state = await this.#state().catch(() => undefined);
      if (state?.operation === 'idle') return state.error;
      silence = state === undefined ? silence + 1 : 0;
      if (silence > MOST_SILENCE) throw new Error('RAUC does not answer');
      if (state !== undefined) progress(state.percent);
      await pause(this.#pause, ended);
    }
    throw new Error('it took too long');
  }

  /** What it does now, and why the last installation failed. */
  async #state(): Promise<{ readonly operation: string; readonly percent: number; readonly error: string }> {
    const lines = await this.#busctl('get-property', ...WHERE, 'Operation', 'Progress', 'LastError');
    const [operation, progress, error] = lines.map(dataOf);
    return {
      operation: String(operation),
      percent: Array.isArray(progress) ? Number(progress[0]) : 0,
      error: typeof error === 'string' ? error : '',
    };
  }

  async #call(method: string, ...words: readonly string[]): Promise<unknown> {
    const [reply] = await this.#busctl('call', ...WHERE, method, ...words);
    return reply;
  }

  /** One JSON value a line. Rejects with what busctl says. */
  async #busctl(...words: readonly string[]): Promise<readonly unknown[]> {
    try {
      const all = ['--system', '--json=short', '--timeout=50', ...words];
      const { stdout } = await execute(this.#places.busctl, all, { timeout: PATIENCE, maxBuffer: 1 << 20 });
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line): unknown => JSON.parse(line));
    } catch (error) {
      throw new Error(reasonOf(error));
    }
  }
}

/** Name, D-Bus type and value. */
type Option = readonly [name: string, type: string, value: string];

/** `a{sv}` as words of busctl. */
const dictionary = (options: readonly Option[]): readonly string[] => [
  String(options.length),
  ...options.flat(),
];

function dataOf(reply: unknown): unknown {
  return typeof reply === 'object' && reply !== null && 'data' in reply ? reply.data : undefined;
}

function reasonOf(error: unknown): string {
  const said =
    typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
  if (said !== '') return said.replace(/^Call failed: /, '');
  return error instanceof Error ? error.message : String(error);
}

/** Rejects when it has ended. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error('the telephone ends; RAUC goes on'));
    };
    const timer = setTimeout(() => {
      ended.removeEventListener('abort', stop);
      resolve();
    }, ms);
    ended.addEventListener('abort', stop, { once: true });
    if (ended.aborted) stop();
  });
}
