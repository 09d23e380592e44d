/** A display as the machine behind its driver: told what to show, it says transfer by transfer how to get there. */
import type { Transfer } from './transfer.ts';

export interface Panel {
  /** What a person shall read, top line first. The newest lines win, also over a picture half sent. */
  show(lines: readonly string[]): void;
  /** The next transfer towards that picture, the same until it is `done`; undefined: all is shown. */
  next(): Transfer | undefined;
  /** The transfer that `next` gave has arrived. */
  done(): void;
  /** Nothing is known of the chip any more: begins anew with its initialisation. */
  reset(): void;
  /** Says everything again without a flicker, changes first: heals what a disturbance did unseen. */
  refresh(): void;
  /** What leaves it dark. */
  rest(): readonly Transfer[];
  /** Register that a look at the chip reads; undefined: it has none and is read plainly. */
  readonly statusRegister: number | undefined;
  /** Whether what was read, while all was shown, tells that the chip has been without power. */
  hasLostPower(status: number): boolean;
}

/** One step towards the picture, and what the chip will then hold. */
export interface Step {
  readonly transfer: Transfer;
  readonly apply: () => void;
}
