/** Sets the card's mixer as the media thread wishes: routes and volume, looked at in every turn of the loop. */
import type { Alsa } from '#hal/linux/sound/alsa.ts';
import { openMixer } from '#hal/linux/sound/mixer.ts';
import { Routes } from '#hal/linux/sound/routes.ts';
import { type MixerPlan, SOUND_ROUTES } from '#media/types.ts';
import { ROUTE, VOLUME } from './cells.ts';

/** A mixer that could not be opened is tried again after so many turns (of a period each). */
const AGAIN = 500;

export class MixerDesk {
  readonly #alsa: Alsa;
  readonly #plan: MixerPlan;
  readonly #cells: Int32Array;
  #routes: Routes | undefined;
  #turns = 0;
  #route = -1;
  #volume = -1;

  constructor(alsa: Alsa, plan: MixerPlan, cells: Int32Array) {
    this.#alsa = alsa;
    this.#plan = plan;
    this.#cells = cells;
  }

  /** Costs two loads where nothing is wished. */
  tend(): void {
    const route = Atomics.load(this.#cells, ROUTE);
    const volume = Atomics.load(this.#cells, VOLUME);
    if (route === this.#route && volume === this.#volume) return;
    const routes = this.#opened();
    if (routes === undefined) return;
    const name = SOUND_ROUTES[route];
    if (name !== undefined && route !== this.#route) routes.take(name);
    if (volume >= 0) routes.volume = volume / 1000;
    this.#route = route;
    this.#volume = volume;
  }

  #opened(): Routes | undefined {
    if (this.#routes !== undefined || this.#turns++ % AGAIN !== 0) return this.#routes;
    try {
      this.#routes = new Routes(openMixer(this.#alsa, this.#plan.card), this.#plan.routes);
    } catch {
      // A card without mixer plays all the same.
    }
    return this.#routes;
  }
}
