/**
 * A GPIO chip with wires: outputs drive, open drains only pull down, switches join two lines or a line and ground, and
 * what nobody drives follows its bias. Edges are told as the kernel does, a little later and with their time.
 */
import { HalError } from '#hal/linux/error.ts';
import type {
  GpioDriver,
  GpioEdge,
  GpioLineConfig,
  GpioLines,
  Level,
  LineHandle,
} from '#hal/linux/gpio/types.ts';
import type { JumpingTiming } from './jumping_timing.ts';

type Node = number | 'ground' | 'supply';

interface Taken {
  readonly config: GpioLineConfig;
  readonly by: ModelLines;
  /** Logical. */
  value: Level;
}

/** ms from an edge to who listens. */
const LATENCY = 0.3;

export class GpioModel implements GpioDriver {
  readonly name = 'character device';
  readonly #timing: JumpingTiming;
  readonly #labels: readonly string[];
  readonly #lines: number;
  readonly #taken = new Map<number, Taken>();
  readonly #joined = new Set<string>();
  #voltages = new Map<number, Level>();
  /** The chip has left. */
  gone = false;
  /** Edges are lost. */
  deaf = false;
  /** Every change of an output, by its voltage. */
  readonly written: { readonly at: number; readonly line: number; readonly voltage: Level }[] = [];

  constructor(timing: JumpingTiming, labels: readonly string[] = ['pinctrl-bcm2835'], lines = 54) {
    this.#timing = timing;
    this.#labels = labels;
    this.#lines = lines;
  }

  async request(
    chip: readonly string[],
    lines: readonly GpioLineConfig[],
    _consumer: string,
  ): Promise<GpioLines> {
    if (this.gone || !chip.some((label) => this.#labels.includes(label)))
      throw new HalError('ABSENT', `no GPIO chip is called ${chip.join(' or ')}`);
    for (const { offset } of lines) {
      if (offset >= this.#lines) throw new HalError('ABSENT', `there is no line ${offset}`);
      if (this.#taken.has(offset)) throw new HalError('BUSY', `line ${offset} is in use`);
    }
    const request = new ModelLines(this, lines);
    for (const config of lines)
      this.#taken.set(config.offset, { config, by: request, value: config.value ?? 0 });
    this.#settle();
    return request;
  }

  /** Another program takes a line. */
  occupy(line: number): void {
    this.#taken.set(line, {
      config: { offset: line, direction: 'in' },
      by: new ModelLines(this, []),
      value: 0,
    });
  }

  vacate(line: number): void {
    this.#taken.delete(line);
  }

  /** A switch between two nodes closes or opens. */
  join(a: Node, b: Node, closed = true): void {
    if (closed) this.#joined.add(`${a} ${b}`);
    else this.#joined.delete(`${a} ${b}`);
    this.#settle();
  }

  /** The chip leaves: whoever has lines hears of it. */
  unplug(): void {
    this.gone = true;
    const requests = new Set([...this.#taken.values()].map(({ by }) => by));
    this.#taken.clear();
    this.#voltages.clear();
    for (const request of requests) request.lose(new HalError('GONE', 'the GPIO chip has left'));
  }

  plug(): void {
    this.gone = false;
  }

  /** Voltage of a line: what a meter would read. A line that nobody drives or pulls reads 0. */
  voltage(line: number): Level {
    return this.#voltages.get(line) ?? 0;
  }

  /** Lines that somebody drives, and their voltages. */
  get driven(): readonly (readonly [line: number, voltage: Level])[] {
    return this.taken
      .filter((line) => this.#taken.get(line)?.config.direction === 'out')
      .map((line) => [line, this.voltage(line)]);
  }

  /** Lines that somebody has. */
  get taken(): readonly number[] {
    return [...this.#taken.keys()].sort((a, b) => a - b);
  }

  /** For the requests. */
  logical(offset: number): Level {
    const inverted = this.#taken.get(offset)?.config.activeLow ?? false;
    return (this.voltage(offset) === 1) !== inverted ? 1 : 0;
  }

  set(values: ReadonlyMap<number, Level>): void {
    for (const [offset, level] of values) {
      const taken = this.#taken.get(offset);
      if (taken === undefined) throw new HalError('GONE', `line ${offset} was not requested`);
      taken.value = level;
    }
    this.#settle();
  }

  release(request: ModelLines): void {
    for (const [line, { by }] of [...this.#taken]) if (by === request) this.#taken.delete(line);
    this.#settle();
  }

  #settle(): void {
    const before = this.#voltages;
    this.#voltages = new Map([...this.#taken.keys()].map((line) => [line, this.#levelOf(line)]));
    for (const [line, voltage] of this.#voltages) {
      const { config, by } = this.#taken.get(line) ?? {};
      if (config === undefined || by === undefined || before.get(line) === voltage) continue;
      if (config.direction === 'out') this.written.push({ at: this.#timing.now(), line, voltage });
      else if (config.edges && before.has(line) && !this.deaf) this.#tell(by, line);
    }
  }

  #tell(by: ModelLines, offset: number): void {
    const edge: GpioEdge = { offset, level: this.logical(offset), at: this.#timing.now() };
    this.#timing.after(LATENCY, () => by.hear(edge));
  }

  /** Who drives the net that this line is part of? Down beats up, driven beats pulled. */
  #levelOf(line: number): Level {
    const net = this.#netOf(line);
    const drivers = net.map((node) => this.#driven(node));
    if (drivers.includes(0)) return 0;
    if (drivers.includes(1)) return 1;
    const pulls = net.map((node) =>
      typeof node === 'number' ? this.#taken.get(node)?.config.bias : undefined,
    );
    return pulls.includes('pull-up') ? 1 : 0;
  }

  #driven(node: Node): Level | undefined {
    if (node === 'ground') return 0;
    if (node === 'supply') return 1;
    const taken = this.#taken.get(node);
    if (taken === undefined || taken.config.direction === 'in') return undefined;
    const high = (taken.value === 1) !== (taken.config.activeLow ?? false);
    return taken.config.drive === 'open-drain' && high ? undefined : high ? 1 : 0;
  }

  #netOf(line: number): readonly Node[] {
    const net = new Set<Node>([line]);
    const pairs = [...this.#joined].map((pair) => pair.split(' ').map(nodeOf));
    for (let grown = true; grown; ) {
      grown = false;
      for (const [a = 'ground', b = 'ground'] of pairs) {
        // Current does not flow through the supply into another net.
        for (const [from, to] of [
          [a, b],
          [b, a],
        ] as const) {
          if (typeof from !== 'number' || !net.has(from) || net.has(to)) continue;
          net.add(to);
          grown = true;
        }
      }
    }
    return [...net];
  }
}

function nodeOf(name: string): Node {
  return name === 'ground' || name === 'supply' ? name : Number(name);
}

export class ModelLines implements GpioLines {
  readonly notes: readonly string[] = [];
  readonly #model: GpioModel;
  readonly #lines: readonly GpioLineConfig[];
  #listener: ((edges: readonly GpioEdge[]) => void) | undefined;
  #lost: ((error: HalError) => void) | undefined;
  #open = true;

  constructor(model: GpioModel, lines: readonly GpioLineConfig[]) {
    this.#model = model;
    this.#lines = lines;
  }

  read(): ReadonlyMap<number, Level> {
    this.#assertOpen();
    return new Map(this.#lines.map(({ offset }) => [offset, this.#model.logical(offset)]));
  }

  write(values: ReadonlyMap<number, Level>): void {
    this.#assertOpen();
    this.#model.set(values);
  }

  onEdges(listener: (edges: readonly GpioEdge[]) => void): void {
    this.#assertOpen();
    this.#listener = listener;
  }

  onLost(listener: (error: HalError) => void): void {
    this.#assertOpen();
    this.#lost = listener;
  }

  handle(offset: number): LineHandle {
    this.#assertOpen();
    return { by: 'ioctl', fd: -1, bit: this.#lines.findIndex((line) => line.offset === offset) };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#model.release(this);
  }

  hear(edge: GpioEdge): void {
    if (this.#open) this.#listener?.([edge]);
  }

  lose(error: HalError): void {
    if (!this.#open) return;
    this.#open = false;
    this.#lost?.(error);
  }

  #assertOpen(): void {
    if (!this.#open) throw new HalError('GONE', 'the GPIO lines were closed');
  }
}
