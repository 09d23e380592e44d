/** GPIO by the character device, version 2 of its interface: edges with the kernel's time stamps, bias, debounce. */
import { Buffer } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { codeOfErrno, HalError } from '../error.ts';
import { type Libc, O_CLOEXEC, O_RDWR, type Watch } from '../libc.ts';
import { decodeEvents, EVENT_SIZE, encodeRequest, IOCTL } from './line_request.ts';
import type { GpioDriver, GpioEdge, GpioLineConfig, GpioLines, Level, LineHandle } from './types.ts';

export interface GpioChip {
  /** /dev/gpiochip0 */
  readonly path: string;
  readonly label: string;
  readonly lines: number;
}

const WHY_REFUSED: Readonly<Record<string, string>> = {
  EACCES: 'no permission, add the user to the group gpio',
  EPERM: 'no permission, add the user to the group gpio',
  EINVAL: 'a kernel before 5.10 has only the first version of this interface',
  ENOTTY: 'a kernel before 5.10 has only the first version of this interface',
};

/** Chips that can be opened, and what kept others from it. */
export function listChips(libc: Libc): {
  readonly chips: readonly GpioChip[];
  readonly refused: readonly string[];
} {
  const chips: GpioChip[] = [];
  const refused: string[] = [];
  const names = readdirSync('/dev').filter((name) => /^gpiochip\d+$/.test(name));
  for (const name of names.sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)))) {
    const path = `/dev/${name}`;
    const info = Buffer.alloc(68);
    const line = Buffer.alloc(256);
    const errno = withChip(libc, path, (fd) => {
      const known = libc.ioctl(fd, IOCTL.chipInfo, info);
      return known < 0 ? known : libc.ioctl(fd, IOCTL.lineInfo, line);
    });
    if (errno !== undefined) refused.push(`${path}: ${WHY_REFUSED[errno] ?? errno}`);
    else chips.push({ path, label: text(info.subarray(32, 64)), lines: info.readUInt32LE(64) });
  }
  return { chips, refused };
}

/** The errno of opening the chip or of what `call` did, which is negative when it failed. */
function withChip(libc: Libc, path: string, call: (fd: number) => number): string | undefined {
  const fd = libc.open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return libc.errno();
  const errno = call(fd) < 0 ? libc.errno() : undefined;
  libc.close(fd);
  return errno;
}

const text = (octets: Buffer): string => octets.toString('latin1').replace(/\0.*$/s, '');

export function characterDevice(libc: Libc): GpioDriver {
  return {
    name: 'character device',
    request: async (labels, lines, consumer) => {
      const chip = findChip(libc, labels);
      const request = encodeRequest(lines, consumer);
      const errno = withChip(libc, chip.path, (fd) => libc.ioctl(fd, IOCTL.getLine, request));
      if (errno !== undefined) throw refusal(errno, chip, lines);
      return new RequestedLines(libc, request.readInt32LE(588), chip, lines);
    },
  };
}

function findChip(libc: Libc, labels: readonly string[]): GpioChip {
  const { chips, refused } = listChips(libc);
  const found = chips.find(({ label }) => labels.includes(label));
  if (found !== undefined) return found;
  if (refused.some((reason) => reason.includes('no permission')))
    throw new HalError('DENIED', refused.join('; '));
  const here = chips.map(({ label }) => label).join(', ') || 'none';
  throw new HalError('ABSENT', `no GPIO chip is called ${labels.join(' or ')}; there are: ${here}`);
}

function refusal(errno: string, chip: GpioChip, lines: readonly GpioLineConfig[]): HalError {
  const which = `lines ${lines.map(({ offset }) => offset).join(', ')} of ${chip.label}`;
  if (errno === 'EINVAL' && lines.some(({ offset }) => offset >= chip.lines)) {
    return new HalError('ABSENT', `${which}: the chip has only ${chip.lines}`);
  }
  const why = errno === 'EBUSY' ? 'in use by somebody else; gpioinfo shows by whom' : errno;
  return new HalError(codeOfErrno(errno), `${which}: ${why}`);
}

/**
 * What performance.now() calls 0, on the kernel's clock, in nanoseconds. Both are read one after the other, and anything
 * may come between: the closest of some attempts counts, and an edge is rather too early than in the future.
 */
function originOfNow(): bigint {
  let closest = { gap: Number.POSITIVE_INFINITY, origin: 0n };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const before = performance.now();
    const kernel = process.hrtime.bigint();
    const gap = performance.now() - before;
    if (gap < closest.gap) closest = { gap, origin: kernel - BigInt(Math.floor(before * 1e6)) };
  }
  return closest.origin;
}

/** Events that one read takes at most. */
const MOST_EVENTS = 64;

class RequestedLines implements GpioLines {
  readonly notes: readonly string[] = [];
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #chip: GpioChip;
  readonly #lines: readonly GpioLineConfig[];
  /** Place of an offset in the request, which is its bit. */
  readonly #bits: ReadonlyMap<number, number>;
  /** struct gpio_v2_line_values: bits, mask. */
  readonly #values = new BigUint64Array(2);
  readonly #valueOctets = new Uint8Array(this.#values.buffer);
  readonly #events = Buffer.alloc(EVENT_SIZE * MOST_EVENTS);
  readonly #origin = originOfNow();
  #sequence = 0;
  #listener: ((edges: readonly GpioEdge[]) => void) | undefined;
  #lost: ((error: HalError) => void) | undefined;
  #watch: Watch | undefined;
  #open = true;

  constructor(libc: Libc, fd: number, chip: GpioChip, lines: readonly GpioLineConfig[]) {
    this.#libc = libc;
    this.#fd = fd;
    this.#chip = chip;
    this.#lines = lines;
    this.#bits = new Map(lines.map(({ offset }, bit) => [offset, bit]));
  }

  read(): ReadonlyMap<number, Level> {
    this.#values[0] = 0n;
    this.#values[1] = (1n << BigInt(this.#lines.length)) - 1n;
    this.#call(IOCTL.getValues, 'reading');
    const bits = this.#values[0] ?? 0n;
    return new Map(
      this.#lines.map(({ offset }, bit) => [offset, (bits >> BigInt(bit)) & 1n ? 1 : 0] as const),
    );
  }

  write(values: ReadonlyMap<number, Level>): void {
    let bits = 0n;
    let mask = 0n;
    for (const [offset, level] of values) {
      const bit = 1n << BigInt(this.#bitOf(offset));
      mask |= bit;
      if (level === 1) bits |= bit;
    }
    this.#values[0] = bits;
    this.#values[1] = mask;
    this.#call(IOCTL.setValues, 'setting');
  }

  onEdges(listener: (edges: readonly GpioEdge[]) => void): void {
    this.#assertOpen();
    this.#listener = listener;
    this.#poll();
  }

  onLost(listener: (error: HalError) => void): void {
    this.#assertOpen();
    this.#lost = listener;
    this.#poll();
  }

  handle(offset: number): LineHandle {
    this.#assertOpen();
    return { by: 'ioctl', fd: this.#fd, bit: this.#bitOf(offset) };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch?.close();
    this.#libc.close(this.#fd);
  }

  /** The kernel wakes it for edges, and, whatever the lines are, when the chip leaves (POLLHUP and POLLERR). */
  #poll(): void {
    this.#watch ??= this.#libc.onReadable(this.#fd, () => this.#readEdges());
  }

  /** Reading an empty queue does not block: the descriptor was made so when it was first polled (uv_poll_init). */
  #readEdges(): void {
    const length = Number(this.#libc.read(this.#fd, this.#events, this.#events.length));
    if (length < 0) {
      const errno = this.#libc.errno();
      if (errno === 'EAGAIN' || errno === 'EINTR') return;
      this.#watch?.close();
      this.#lost?.(new HalError(codeOfErrno(errno), `GPIO chip ${this.#chip.label}: ${errno}`));
      return;
    }
    const edges: GpioEdge[] = [];
    let dropped = 0;
    for (const { nanoseconds, rising, offset, sequence } of decodeEvents(this.#events.subarray(0, length))) {
      dropped += sequence - this.#sequence - 1;
      this.#sequence = sequence;
      edges.push({ offset, level: rising ? 1 : 0, at: Number(nanoseconds - this.#origin) / 1e6 });
    }
    if (dropped > 0) edges.push(...this.#levelsNow());
    if (edges.length > 0) this.#listener?.(edges);
  }

  /** As if each line had just come to its level: whoever follows edges is right again. */
  #levelsNow(): readonly GpioEdge[] {
    const levels = this.read();
    const at = performance.now();
    return this.#lines
      .filter(({ edges }) => edges)
      .map(({ offset }) => ({ offset, level: levels.get(offset) ?? 0, at }));
  }

  #bitOf(offset: number): number {
    const bit = this.#bits.get(offset);
    if (bit === undefined) throw new HalError('ABSENT', `GPIO line ${offset} was not requested`);
    return bit;
  }

  #call(request: number, doing: string): void {
    this.#assertOpen();
    if (this.#libc.ioctl(this.#fd, request, this.#valueOctets) >= 0) return;
    const errno = this.#libc.errno();
    throw new HalError(codeOfErrno(errno), `${doing} GPIO lines of ${this.#chip.label}: ${errno}`);
  }

  #assertOpen(): void {
    if (!this.#open) throw new HalError('GONE', `the GPIO lines of ${this.#chip.label} were closed`);
  }
}
