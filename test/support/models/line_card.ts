/**
 * A line module and the analog telephone on it, as their pins show them: the module turns RM, F/R and PD into what the
 * line does, the telephone's contacts and its bell's current come back on SHK. It decodes nothing; what it was rung
 * and told is written down.
 */
import type { LinePins } from '#hal/parts/line_card.ts';
import { bounce, type Random } from '../bounce.ts';

export interface ModelClock {
  readonly now: () => number;
  readonly after: (ms: number, action: () => void) => unknown;
}

/** What SHK makes of the bell's alternating current: nothing, the half waves, or these with gaps at the crossings. */
export type Load = 'low' | 'follows' | 'crossings';

export interface LineModelOptions {
  readonly clock: ModelClock;
  readonly random: Random;
  /** SHK's level, with every edge. */
  readonly shk: (closed: boolean) => void;
  readonly hertz: number;
  readonly load?: Load;
}

/** ms that SHK is low where the current changes its direction. */
const CROSSING = 3;
/** ms for which the loop's supply needs to come and go. */
const SUPPLY = 2;

export interface Heard {
  readonly at: number;
  readonly what: 'ring' | 'quiet' | 'reversed' | 'normal' | 'dead' | 'alive';
}

export class LineModel {
  readonly #options: LineModelOptions;
  #pins: LinePins = { ringMode: false, forwardReverse: false, powerDown: false };
  /** The telephone's contacts close the loop. */
  #loop = false;
  #shk = false;
  #ringing = 0;
  /** What the line did, as the telephone felt it. */
  readonly heard: Heard[] = [];

  constructor(options: LineModelOptions) {
    this.#options = options;
  }

  /** What the module was told. */
  set(pins: LinePins): void {
    const before = this.#pins;
    this.#pins = pins;
    const ringsNow = pins.ringMode && pins.forwardReverse === 'alternating';
    const rang = before.ringMode && before.forwardReverse === 'alternating';
    if (ringsNow !== rang) this.#note(ringsNow ? 'ring' : 'quiet');
    const turned = pins.forwardReverse === true;
    if (turned !== (before.forwardReverse === true)) this.#note(turned ? 'reversed' : 'normal');
    if (pins.powerDown !== before.powerDown) this.#note(pins.powerDown ? 'dead' : 'alive');
    if (ringsNow && !rang) this.#halfWave(++this.#ringing, true);
    if (turned !== (before.forwardReverse === true) && this.#loop) this.#gap();
    this.#show();
  }

  lift(): void {
    this.#move(true);
  }

  putDown(): void {
    this.#move(false);
  }

  flash(ms: number): void {
    this.#move(false, ms / 2);
    this.#options.clock.after(ms, () => this.#move(true, ms / 2));
  }

  /** So many pulses; ms when the dial is at rest again. */
  dial(pulses: number, rate = 10, open = 0.6): number {
    const period = 1000 / rate;
    for (let n = 0; n < pulses; n++) {
      this.#options.clock.after(n * period, () => this.#move(false, (open * period) / 2));
      this.#options.clock.after((n + open) * period, () => this.#move(true, ((1 - open) * period) / 2));
    }
    return pulses * period;
  }

  #move(closed: boolean, longest = 15): void {
    const { clock, random } = this.#options;
    const start = clock.now();
    for (const edge of bounce(random, start, closed, longest)) {
      const act = () => {
        this.#loop = edge.closed;
        this.#show();
      };
      if (edge.at === start) act();
      else clock.after(edge.at - start, act);
    }
  }

  #show(): void {
    const { ringMode, forwardReverse, powerDown } = this.#pins;
    if (ringMode && forwardReverse === 'alternating') {
      if (this.#loop && this.#options.load !== 'crossings') this.#tell(true);
      return;
    }
    this.#tell(this.#loop && !powerDown);
  }

  /** The bell's current, half period by half period. */
  #halfWave(ring: number, forward: boolean): void {
    if (ring !== this.#ringing || this.#pins.forwardReverse !== 'alternating') return;
    const { clock, hertz, load = 'low' } = this.#options;
    if (this.#loop) {
      if (load === 'crossings') {
        this.#tell(false);
        clock.after(CROSSING, () => this.#loop && this.#tell(true));
      } else this.#tell(true);
    } else this.#tell(load !== 'low' && forward);
    clock.after(500 / hertz, () => this.#halfWave(ring, !forward));
  }

  /** A line that is turned over is without current for a moment. */
  #gap(): void {
    this.#tell(false);
    this.#options.clock.after(SUPPLY, () => this.#show());
  }

  #tell(closed: boolean): void {
    if (closed === this.#shk) return;
    this.#shk = closed;
    this.#options.shk(closed);
  }

  #note(what: Heard['what']): void {
    this.heard.push({ at: this.#options.clock.now(), what });
  }
}
