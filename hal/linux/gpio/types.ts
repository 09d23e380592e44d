/** GPIO as the parts of a board see it: lines of one chip, requested together. Two drivers serve it (choose.ts). */
import type { HalError } from '../error.ts';

/** Logical level: with `activeLow`, 1 is the low voltage. */
export type Level = 0 | 1;

export interface GpioLineConfig {
  /** Of the line within its chip. */
  readonly offset: number;
  readonly direction: 'in' | 'out';
  /** Absent: as it is. */
  readonly bias?: 'pull-up' | 'pull-down' | 'off';
  readonly activeLow?: boolean;
  /** Whether `onEdges` hears of this input. */
  readonly edges?: boolean;
  /** Microseconds for which the level has to stay before an edge is reported. */
  readonly debounceUs?: number;
  /** An output's first level; 0 by default. */
  readonly value?: Level;
  /** An open drain lets go for 1; push-pull by default. */
  readonly drive?: 'push-pull' | 'open-drain';
}

export interface GpioEdge {
  readonly offset: number;
  /** Level after the edge. */
  readonly level: Level;
  /** Milliseconds on the clock of `performance.now()` of the thread that asked for the lines. */
  readonly at: number;
}

/** What another thread needs to set one output of an open request (pwm/toggler.ts). */
export type LineHandle =
  /** The request's descriptor and the line's place in it, for GPIO_V2_LINE_SET_VALUES_IOCTL. */
  | { readonly by: 'ioctl'; readonly fd: number; readonly bit: number }
  /** The line's `value` in sysfs. */
  | { readonly by: 'sysfs'; readonly path: string };

/** Lines of one chip that are ours until closed. What fails throws a HalError: `GONE` where the chip left. */
export interface GpioLines {
  /** What a person should know of this request, as a bias that had no effect; for selftest. */
  readonly notes: readonly string[];
  /** Levels of all lines by offset, read at one moment where the driver can. */
  read(): ReadonlyMap<number, Level>;
  /** Sets outputs by offset, at one moment where the driver can. */
  write(values: ReadonlyMap<number, Level>): void;
  /**
   * Delivers edges in their order, several at once where the loop was late. Edges that the kernel had to drop are
   * made up for by the level of now.
   */
  onEdges(listener: (edges: readonly GpioEdge[]) => void): void;
  /** The chip has left, for outputs too: told once, and nothing comes any more. */
  onLost(listener: (error: HalError) => void): void;
  /** For an output of this request. */
  handle(offset: number): LineHandle;
  /** Frees the lines at once. May be called again. */
  close(): void;
}

export interface GpioDriver {
  readonly name: GpioDriverName;
  /**
   * Takes lines of the first chip found whose label is one of `chip`. Rejects with a HalError: `ABSENT` without such a
   * chip or line, `BUSY` when somebody else has a line, `DENIED` without permission.
   *
   * @param consumer what `gpioinfo` shows as the user of the lines; 31 characters
   */
  request(chip: readonly string[], lines: readonly GpioLineConfig[], consumer: string): Promise<GpioLines>;
}

export type GpioDriverName = 'character device' | 'onoff';
