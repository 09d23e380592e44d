/** The steps of a panel one after the other: its preamble, what its picture lacks, and when all is there the light. */
import type { Step } from './panel.ts';
import type { Transfer } from './transfer.ts';

export class PanelSteps {
  readonly #plan: () => Step | undefined;
  readonly #switchOn: Transfer;
  #preamble: readonly Step[] = [];
  #on = false;
  #current: Step | undefined;

  /** @param plan the next step towards the picture; undefined: it is complete */
  constructor(plan: () => Step | undefined, switchOn: Transfer) {
    this.#plan = plan;
    this.#switchOn = switchOn;
  }

  /** Anew: whatever was under way does not count. */
  begin(preamble: readonly Step[]): void {
    this.#preamble = preamble;
    this.#current = undefined;
    this.#on = false;
  }

  /** As that of a panel. */
  next(): Transfer | undefined {
    this.#current ??= this.#preamble[0] ?? this.#plan() ?? this.#light();
    return this.#current?.transfer;
  }

  /** As that of a panel. */
  done(): void {
    const step = this.#current;
    this.#current = undefined;
    if (step !== undefined && step === this.#preamble[0]) this.#preamble = this.#preamble.slice(1);
    step?.apply();
  }

  #light(): Step | undefined {
    if (this.#on) return undefined;
    return {
      transfer: this.#switchOn,
      apply: () => {
        this.#on = true;
      },
    };
  }
}
