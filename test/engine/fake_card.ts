/** A sound card whose time is counted, not waited for: capture gives at once, playback plays what the test lets it. */
import type { CardPcm } from '#engine/sound/device.ts';

export class FakeCapture implements CardPcm {
  readonly rate: number;
  readonly buffer: number;
  xruns = 0;
  /** Samples that can be read; nothing, and it never flows. */
  captured = Number.POSITIVE_INFINITY;
  /** Called before each read; may throw as a card that is gone does. */
  onRead: (count: number) => void = () => {};
  closed = 0;

  constructor(rate: number) {
    this.rate = rate;
    this.buffer = rate;
  }

  read(into: Int16Array, count: number): number {
    this.captured = 0;
    this.onRead(count);
    into.fill(1000, 0, count);
    return count;
  }

  waiting(): number {
    return this.captured;
  }

  close(): void {
    this.closed++;
  }

  write(): boolean {
    return true;
  }

  delay(): number {
    return 0;
  }

  start(): void {}
  empty(): void {}
}

export class FakePlayback implements CardPcm {
  readonly rate: number;
  readonly buffer: number;
  xruns = 0;
  /** Samples that wait. */
  level = 0;
  written = 0;
  started = 0;
  emptied = 0;
  closed = 0;
  /** What the card believes and a server may not: what `delay` says, if it is not the level. */
  pretended: number | undefined;
  onWrite: (from: Int16Array, count: number) => void = () => {};

  constructor(rate: number, bufferMs = 80) {
    this.rate = rate;
    this.buffer = (rate * bufferMs) / 1000;
  }

  /** Lets `ms` be heard. */
  play(ms: number): void {
    this.level = Math.max(0, this.level - (ms * this.rate) / 1000);
  }

  write(from: Int16Array, count: number): boolean {
    this.onWrite(from, count);
    this.level += count;
    this.written += count;
    return true;
  }

  waiting(): number {
    return Math.floor(this.buffer - this.level);
  }

  delay(): number {
    return this.pretended ?? this.level;
  }

  start(): void {
    this.started++;
  }

  empty(): void {
    this.emptied++;
    this.level = 0;
  }

  close(): void {
    this.closed++;
  }

  read(): number {
    return 0;
  }
}
