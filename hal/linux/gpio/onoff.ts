/**
 * GPIO by the package onoff, which drives the files of /sys/class/gpio: for kernels without the character device's
 * second version (before 5.10), or without koffi. It has no bias, and time stamps are of when we heard of an edge.
 */
import { isMainThread } from 'node:worker_threads';
import type { Gpio } from 'onoff';
import { HalError, halErrorOf } from '../error.ts';
import { SYSFS_GPIO, type SysfsChip, sysfsChip } from './sysfs.ts';
import type { GpioDriver, GpioEdge, GpioLineConfig, GpioLines, Level, LineHandle } from './types.ts';

type GpioClass = typeof Gpio;

/** Numbers of lines that this process holds: onoff takes an exported line without asking whose it is. */
const taken = new Set<number>();

/**
 * The package's class; undefined: it is not installed, or could not be built. Its native part, epoll, belongs to the
 * main thread: when another one that has loaded it ends, the process crashes.
 */
export async function loadOnoff(): Promise<GpioClass | undefined> {
  if (!isMainThread) return undefined;
  try {
    return (await import('onoff')).Gpio;
  } catch {
    return undefined;
  }
}

export function onoff(gpio: GpioClass): GpioDriver {
  return {
    name: 'onoff',
    request: async (labels, lines) => new ExportedLines(gpio, sysfsChip(labels), lines),
  };
}

/** ms between two looks whether the chip is still there. */
const LOOK = 1000;

interface ExportedLine {
  readonly config: GpioLineConfig;
  readonly number: number;
  readonly gpio: Gpio;
}

class ExportedLines implements GpioLines {
  readonly notes: readonly string[];
  readonly #chip: SysfsChip;
  readonly #lines = new Map<number, ExportedLine>();
  #lost: ((error: HalError) => void) | undefined;
  #looking: NodeJS.Timeout | undefined;
  #open = true;

  constructor(gpio: GpioClass, chip: SysfsChip, lines: readonly GpioLineConfig[]) {
    this.#chip = chip;
    this.notes = lines.flatMap((line) => noteOf(line));
    try {
      for (const config of lines) this.#export(gpio, config);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(): ReadonlyMap<number, Level> {
    return new Map([...this.#lines.values()].map((line) => [line.config.offset, this.#levelOf(line)]));
  }

  write(values: ReadonlyMap<number, Level>): void {
    for (const [offset, level] of values) {
      const line = this.#line(offset);
      this.#attempt(line, () => setLevel(line, level));
    }
  }

  onEdges(listener: (edges: readonly GpioEdge[]) => void): void {
    this.#assertOpen();
    for (const { config, gpio } of this.#lines.values()) {
      if (!config.edges || config.direction === 'out') continue;
      gpio.unwatchAll();
      gpio.watch((_error, level) => {
        if (this.#open) listener([{ offset: config.offset, level, at: performance.now() }]);
      });
    }
  }

  /** Nothing wakes who only drives lines: they are looked at. */
  onLost(listener: (error: HalError) => void): void {
    this.#assertOpen();
    this.#lost = listener;
    clearInterval(this.#looking);
    this.#looking = setInterval(() => {
      try {
        this.read();
      } catch (error) {
        this.#lose(halErrorOf(error, this.#chip.label));
      }
    }, LOOK).unref();
  }

  handle(offset: number): LineHandle {
    return { by: 'sysfs', path: `${SYSFS_GPIO}/gpio${this.#line(offset).number}/value` };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#looking);
    for (const { gpio, number } of this.#lines.values()) {
      gpio.unexport();
      taken.delete(number);
    }
  }

  #export(Class: GpioClass, config: GpioLineConfig): void {
    const { offset } = config;
    const number = this.#chip.base + offset;
    const where = `line ${offset} of ${this.#chip.label}`;
    if (offset >= this.#chip.lines) {
      throw new HalError('ABSENT', `${where}: the chip has only ${this.#chip.lines}`);
    }
    if (taken.has(number)) throw new HalError('BUSY', `${where}: another part of this phone has it`);
    try {
      const gpio = new Class(number, directionOf(config), config.edges ? 'both' : 'none', {
        activeLow: config.activeLow ?? false,
        debounceTimeout: Math.ceil((config.debounceUs ?? 0) / 1000),
      });
      this.#lines.set(offset, { config, number, gpio: this.#tame(gpio, offset) });
      taken.add(number);
    } catch (error) {
      throw halErrorOf(error, where);
    }
  }

  /** onoff reads the level before it calls its listeners, and what that throws would end the process. */
  #tame(gpio: Gpio, offset: number): Gpio {
    const readSync = gpio.readSync.bind(gpio);
    let last: Level = 0;
    gpio.readSync = () => {
      try {
        last = readSync();
      } catch (error) {
        gpio.unwatchAll();
        setImmediate(() => this.#lose(this.#errorOf(error, offset)));
      }
      return last;
    };
    return gpio;
  }

  /** Once. */
  #lose(error: HalError): void {
    clearInterval(this.#looking);
    const lost = this.#lost;
    this.#lost = undefined;
    if (this.#open) lost?.(error);
  }

  #levelOf(line: ExportedLine): Level {
    return this.#attempt(line, () => Object.getPrototypeOf(line.gpio).readSync.call(line.gpio));
  }

  #attempt<T>(line: ExportedLine, action: () => T): T {
    this.#assertOpen();
    try {
      return action();
    } catch (error) {
      throw this.#errorOf(error, line.config.offset);
    }
  }

  #errorOf(error: unknown, offset: number): HalError {
    return halErrorOf(error, `line ${offset} of ${this.#chip.label}`);
  }

  #line(offset: number): ExportedLine {
    this.#assertOpen();
    const line = this.#lines.get(offset);
    if (line === undefined) throw new HalError('ABSENT', `GPIO line ${offset} was not requested`);
    return line;
  }

  #assertOpen(): void {
    if (!this.#open) throw new HalError('GONE', `the GPIO lines of ${this.#chip.label} were closed`);
  }
}

function noteOf({ offset, bias }: GpioLineConfig): readonly string[] {
  if (bias === undefined || bias === 'off') return [];
  return [
    `line ${offset}: sysfs cannot set its ${bias}; it needs a resistor, or a line in the boot configuration`,
  ];
}

/** `high` and `low` set direction and voltage in one step; sysfs does not invert them (gpio/sysfs.rst). */
function directionOf({ direction, value, activeLow, drive }: GpioLineConfig): 'in' | 'high' | 'low' {
  if (direction === 'in') return 'in';
  const high = (value === 1) !== (activeLow ?? false);
  if (drive === 'open-drain') return high ? 'in' : 'low';
  return high ? 'high' : 'low';
}

function setLevel({ gpio, config }: ExportedLine, level: Level): void {
  if (config.drive === 'open-drain') gpio.setDirection(directionOf({ ...config, value: level }));
  else gpio.writeSync(level);
}
