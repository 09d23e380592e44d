/** The machine of updates with the clock that jumps, and what it is told in tests. */
import type { Slots } from '#update/slots.ts';
import type { UpdateEffect, UpdateInput, Wanted } from '#update/types.ts';
import { Updater } from '#update/updater.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const GOOD: Slots = { slot: 'a', state: 'good', other: { good: true } };
export const MANIFEST = 'https://updates.example/stable.json';
export const WANTED: Wanted = { mode: 'auto', url: MANIFEST, channel: 'stable' };
export const BUNDLE = { source: 'https://updates.example/1.3.0.raucb', allowOlder: false };
export const LAID = { source: '/data/dualtone/update/x.raucb', allowOlder: false };

/** A machine with a clock, and all that it wanted. */
export class Stand {
  now = 5_000_000;
  readonly effects: (UpdateEffect & { readonly at: number })[] = [];
  readonly updater: Updater;

  constructor({
    random = () => 0.5,
    development = false,
  }: { readonly random?: () => number; readonly development?: boolean } = {}) {
    this.updater = new Updater({ version: '1.2.0', development, random });
  }

  hear(...inputs: readonly UpdateInput[]): this {
    for (const input of inputs) this.#handle(input);
    return this;
  }

  /** Until so many ms from now, from deadline to deadline. */
  pass(time: number): this {
    const end = this.now + time;
    for (let ticks = 0; this.updater.deadline <= end; ticks += 1) {
      if (ticks > 10_000) throw new Error('it never rests');
      this.now = Math.max(this.now, this.updater.deadline);
      this.#handle({ kind: 'tick' });
    }
    this.now = end;
    return this;
  }

  /** Kinds of what was wanted, without what was told, nor that the slot is marked: of that `marked` tells. */
  wanted(): readonly string[] {
    return this.marked().filter((kind) => kind !== 'mark');
  }

  /** Kinds of what was wanted, without what was told. */
  marked(): readonly string[] {
    return this.effects.filter(({ kind }) => kind !== 'tell').map(({ kind }) => kind);
  }

  told(): string {
    return this.effects.map((effect) => (effect.kind === 'tell' ? `${effect.text}\n` : '')).join('');
  }

  screen(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'tell' ? (effect.screen ?? []) : []));
  }

  /** When each of a kind was wanted, ms since the start. */
  times(kind: UpdateEffect['kind']): readonly number[] {
    return this.effects.filter((effect) => effect.kind === kind).map(({ at }) => at - 5_000_000);
  }

  #handle(input: UpdateInput): void {
    this.effects.push(...this.updater.handle(input, this.now).map((effect) => ({ ...effect, at: this.now })));
  }
}

export const manifest = (version: string, channel = 'stable'): UpdateInput => ({
  kind: 'manifest',
  octets: Buffer.from(JSON.stringify({ channel, version, bundle: `${version}.raucb` })),
  from: MANIFEST,
});
export const slots = (said: Slots = GOOD): UpdateInput => ({ kind: 'slots', slots: said });
export const idle = (isIdle = true): UpdateInput => ({ kind: 'idle', idle: isIdle });
export const configured = (wanted: Wanted = WANTED): UpdateInput => ({ kind: 'configured', wanted });
