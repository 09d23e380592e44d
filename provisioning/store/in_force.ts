/**
 * The configuration in force, kept and carried out: the lifecycle decides, the store remembers, and the telephone is told
 * which layers it goes by. One thing after the other: nothing is applied that has not been kept.
 */

import type { Standing } from '#provisioning/fetch/types.ts';
import { generationOf, nextLayers, type ReceivedLayer } from '#provisioning/generation.ts';
import { LIFECYCLE_TIMINGS, Lifecycle, type LifecycleTimings } from '#provisioning/lifecycle/lifecycle.ts';
import { givesUp, unprovenHost } from '#provisioning/lifecycle/pin.ts';
import type {
  Generation,
  LifecycleEffect,
  LifecycleInput,
  LifecycleReport,
} from '#provisioning/lifecycle/types.ts';
import { Turns } from '#provisioning/turns.ts';
import type { Layer } from '#provisioning/types.ts';
import { type ConfigurationStore, StoreError } from './store.ts';

export interface InForceOptions {
  readonly store: ConfigurationStore;
  /** Layers that are there in any case, without those of the store: board, `--config`. */
  readonly base: readonly Layer[];
  /** The telephone goes by these layers from now on. What it throws makes them unusable. */
  readonly apply: (layers: readonly Layer[]) => Promise<void>;
  /** For log and display. */
  readonly told: (level: 'info' | 'warn', text: string, screen: string | undefined) => void;
  /** The server at this host is pinned no more: what it gave was of no use, and nobody else stands for it. */
  readonly unpinned?: (host: string) => void;
  readonly timings?: LifecycleTimings;
}

export interface Offer {
  /** Of a drop file, or all of a server. */
  readonly layers: readonly ReceivedLayer[];
  /** Content of files that the layers name, by their path, kept together with them. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Absent: no server's. */
  readonly server?: string;
  /** What is known of the server's files from now on, kept together with the layers. */
  readonly standing?: Standing;
  /** A person wants it, also if it was given up or is older. */
  readonly insisted?: boolean;
}

/** Layers come from here under this name. */
const LOCAL = 'changed on the phone';

export class InForce {
  readonly #options: InForceOptions;
  #lifecycle: Lifecycle;
  #offer: Offer | undefined;
  #applied: string | undefined;
  /** What a person's change took the place of, while the change is the last thing that was applied. */
  #localBefore: Layer['value'] | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #turns = new Turns();
  #isStopped = false;

  constructor(options: InForceOptions) {
    this.#options = options;
    this.#lifecycle = new Lifecycle(options.timings ?? LIFECYCLE_TIMINGS);
  }

  get report(): LifecycleReport {
    return this.#lifecycle.report;
  }

  /** All layers in force, lowest first; `local` is what a person changed. */
  get layers(): readonly Layer[] {
    const { store } = this.#options;
    return [...this.below, { origin: 'local', from: LOCAL, value: store.local }];
  }

  /** The same without what a person changed. */
  get below(): readonly Layer[] {
    const { base, store } = this.#options;
    return [...base, ...store.layersOf(store.kept.inForce)];
  }

  /** Applies what the store holds. */
  start(): Promise<void> {
    return this.#give({ kind: 'start', kept: this.#options.store.kept });
  }

  /** A drop file or a server's files, read and valid. Resolves when it is on trial, or refused. */
  offer(offer: Offer): Promise<void> {
    return this.#turns.take(async () => {
      const { store, base } = this.#options;
      const layers = nextLayers(store.layersOf(store.kept.inForce), offer.layers);
      const local: Layer = { origin: 'local', from: LOCAL, value: store.local };
      const server = offer.server ?? store.kept.inForce.server;
      const generation = generationOf(layers, [...base, local], server);
      this.#offer = { ...offer, layers };
      await this.#handle({ kind: 'offered', generation, insisted: offer.insisted ?? false });
      if (this.#offer !== undefined) await this.#keepStanding(generation, { ...offer, layers });
      this.#offer = undefined;
    });
  }

  /** Factory reset: nothing that was offered or changed is left. StoreError. */
  forget(): Promise<void> {
    return this.#turns.take(async () => {
      const { store, timings } = this.#options;
      await store.forget();
      this.#lifecycle = new Lifecycle(timings ?? LIFECYCLE_TIMINGS);
      this.#applied = undefined;
      await this.#handle({ kind: 'start', kept: store.kept });
    });
  }

  /** An account has registered, with what is applied now: of what comes after it that says nothing. */
  registered(): Promise<void> {
    const applied = this.#applied;
    return this.#turns.take(async () => {
      if (applied === this.#applied) await this.#handle({ kind: 'registered' });
    });
  }

  /** What `apply` took turned out to be of no use later. */
  unusable(reason: string): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#localBefore === undefined) await this.#handle({ kind: 'unusable', reason });
      else await this.#takeBack(reason);
    });
  }

  network(up: boolean): Promise<void> {
    return this.#give({ kind: 'network', up });
  }

  /** A person changed something: kept and in force at once. Rejects where it cannot be: then neither. */
  changeLocal(local: Layer['value']): Promise<void> {
    return this.#turns.take(async () => {
      const { store, apply } = this.#options;
      const before = store.local;
      await store.keepLocal(local);
      this.#localBefore = before;
      try {
        await apply(this.layers);
      } catch (error) {
        await this.#takeBack(error instanceof Error ? error.message : String(error));
        throw error;
      }
    });
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    await this.#give({ kind: 'stopping' });
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** A change with which the telephone cannot start, now or ever again, is undone. */
  async #takeBack(reason: string): Promise<void> {
    const { store, apply, told } = this.#options;
    const before = this.#localBefore ?? {};
    this.#localBefore = undefined;
    await store.keepLocal(before);
    told('warn', `what was changed on the phone is undone: ${reason}`, 'Settings undone');
    await apply(this.layers);
  }

  #give(input: LifecycleInput): Promise<void> {
    return this.#turns.take(() => this.#handle(input));
  }

  async #handle(input: LifecycleInput): Promise<void> {
    const waiting: LifecycleInput[] = [input];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      for (const effect of this.#lifecycle.handle(next, performance.now())) {
        const fault = await this.#carryOut(effect);
        if (fault === undefined) continue;
        // What follows is about a state that is no more.
        waiting.push(fault);
        if (fault.kind === 'not-kept' && next.kind === 'offered') break;
      }
    }
    this.#arm();
  }

  /** The result is what went wrong. */
  async #carryOut(effect: LifecycleEffect): Promise<LifecycleInput | undefined> {
    if (effect.kind === 'told') this.#options.told(effect.level, effect.text, effect.screen);
    else if (effect.kind === 'keep') return this.#keep(effect.kept);
    else return this.#apply(effect.generation);
    return undefined;
  }

  async #keep(kept: Parameters<ConfigurationStore['keep']>[0]): Promise<LifecycleInput | undefined> {
    const { store, told } = this.#options;
    const isOffered = kept.trial !== undefined && this.#offer !== undefined;
    const { layers, files, standing } = this.#offer ?? {};
    const unproven = unprovenHost(store.standing, kept);
    const isLost = unproven !== undefined && givesUp(store.kept, kept, unproven);
    try {
      if (isOffered && layers)
        await store.keep(kept, { layers, ...(files && { files }), ...(standing && { standing }) });
      else await store.keep(kept, isLost ? { standing: null } : {});
      if (isLost) this.#unpin(unproven);
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      told('warn', error.message, 'Disk is full');
      return {
        kind: 'not-kept',
        reason: error.code === 'full' ? 'no space is left' : 'the disk cannot be written',
      };
    }
  }

  /** What it offered is forgotten with it. */
  #unpin(host: string): void {
    this.#offer = undefined;
    this.#options.unpinned?.(host);
  }

  async #apply(generation: Generation): Promise<LifecycleInput | undefined> {
    if (this.#applied === generation.id) return undefined;
    this.#applied = generation.id;
    this.#localBefore = undefined;
    try {
      await this.#options.apply(this.layers);
      return undefined;
    } catch (error) {
      this.#applied = undefined;
      // What has proven itself before does not go now: there is nothing better to go by.
      if (this.report.state !== 'trial') throw error;
      return { kind: 'unusable', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Of an offer that brought nothing new: the server need not send it again. */
  async #keepStanding({ id }: Generation, { layers, standing }: Offer): Promise<void> {
    if (standing === undefined) return;
    const { store, told } = this.#options;
    const isInForce = store.kept.inForce.id === id;
    const isGivenUp = this.report.givenUp.some((each) => each.id === id);
    const unproven = unprovenHost(standing, store.kept);
    try {
      if (isInForce) await store.keep(store.kept, { layers, standing });
      else if (isGivenUp && unproven !== undefined) this.#unpin(unproven);
      else if (isGivenUp) await store.keepStanding(standing);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      told('warn', error.message, undefined);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const { deadline } = this.#lifecycle;
    if (this.#isStopped || deadline === Number.POSITIVE_INFINITY) return;
    const tick = () => void this.#give({ kind: 'tick' });
    this.#timer = setTimeout(tick, Math.max(0, deadline - performance.now())).unref();
  }
}
