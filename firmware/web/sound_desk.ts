/** Which page is the handset. One at a time: a newer one takes over and the older is told. */
import type { Control } from '#phone/types.ts';

/** A page as the desk sees it. */
export interface Seat {
  hear(frame: Int16Array): void;
  loseSound(): void;
}

export class SoundDesk {
  #owner: Seat | undefined;
  #line: ReturnType<Control['attachSound']> | undefined;

  take(seat: Seat, control: Control): void {
    if (this.#owner === seat) return;
    const before = this.#owner;
    this.#release();
    before?.loseSound();
    this.#line = control.attachSound((frame) => {
      if (this.#owner === seat) seat.hear(frame);
    });
    this.#owner = seat;
  }

  leave(seat: Seat): void {
    if (this.#owner === seat) this.#release();
  }

  mouth(seat: Seat, frame: Int16Array): void {
    if (this.#owner === seat) this.#line?.mouth(frame);
  }

  #release(): void {
    this.#line?.close();
    this.#owner = undefined;
    this.#line = undefined;
  }
}
