/** When the channel is asked, and what its answer means for the version that runs: a machine of its own. */
import { type Manifest, ManifestError, parseManifest } from './manifest.ts';
import { otherOf, type Slots } from './slots.ts';
import { firstLook, nextLook, retryLook } from './timings.ts';
import type { Wanted } from './types.ts';
import { compareVersions, parseVersion } from './version.ts';

export type Answer =
  | { readonly kind: 'newer'; readonly version: string; readonly bundle: string }
  | { readonly kind: 'current' }
  | { readonly kind: 'refused'; readonly reason: string };

export class Channel {
  readonly #random: () => number;
  #wanted: Wanted = { mode: 'off', channel: '' };
  #at = Number.POSITIVE_INFINITY;
  #failures = 0;
  #looking = false;

  /** @param random 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  get wanted(): Wanted {
    return this.#wanted;
  }

  get deadline(): number {
    return this.#looking ? Number.POSITIVE_INFINITY : this.#at;
  }

  goBy(wanted: Wanted, now: number): void {
    const isSame = JSON.stringify(wanted) === JSON.stringify(this.#wanted);
    this.#wanted = wanted;
    if (isSame) return;
    const asks = wanted.mode !== 'off' && wanted.url !== undefined;
    this.#failures = 0;
    this.#at = asks ? now + firstLook(this.#random()) : Number.POSITIVE_INFINITY;
  }

  /** Begins a look, when it is time or a person wants one: the URL to be asked; undefined: there is nothing to ask. */
  look(now: number, insisted = false): string | undefined {
    if (this.#looking || this.#wanted.url === undefined) return undefined;
    if (!insisted && now < this.#at) return undefined;
    this.#looking = true;
    return this.#wanted.url;
  }

  failed(now: number): void {
    this.#looking = false;
    this.#failures += 1;
    if (this.#wanted.mode !== 'off') this.#at = now + retryLook(this.#failures, this.#random());
  }

  answered(
    octets: Uint8Array,
    from: string,
    running: { readonly version: string; readonly slots: Slots },
    now: number,
  ): Answer {
    let manifest: Manifest;
    try {
      manifest = parseManifest(octets, from);
    } catch (error) {
      this.failed(now);
      if (error instanceof ManifestError) return { kind: 'refused', reason: error.message };
      throw error;
    }
    this.#looking = false;
    this.#failures = 0;
    if (this.#wanted.mode !== 'off') this.#at = now + nextLook(this.#random());
    return judged(manifest, this.#wanted.channel, running);
  }
}

function judged(
  { channel, version, parsed, bundle }: Manifest,
  wanted: string,
  { version: running, slots }: { readonly version: string; readonly slots: Slots },
): Answer {
  const refused = (reason: string): Answer => ({ kind: 'refused', reason });
  if (channel !== wanted) return refused(`the manifest is of channel "${channel}", not of "${wanted}"`);
  const ours = parseVersion(running);
  if (ours === undefined) return refused(`what runs calls itself "${running}", which is no version`);
  const difference = compareVersions(parsed, ours);
  if (difference === 0) return { kind: 'current' };
  if (difference < 0) return refused(`version ${version} is older than ${running}, which runs`);
  // Three starts were enough: not again each day.
  if (slots.fell === otherOf(slots.slot) && slots.other.version === version)
    return refused(`version ${version} was tried and given up`);
  return { kind: 'newer', version, bundle };
}
