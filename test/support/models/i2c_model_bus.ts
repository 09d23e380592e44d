/**
 * An I2C bus with modelled devices, octet for octet and in time: every octet takes nine clocks. Faults can be put on
 * it: a device that is gone, an octet that nobody acknowledges, a bus that is held, an adapter that leaves.
 */
import { HalError } from '#hal/linux/error.ts';
import { BLOCK_MAX, type I2cBus } from '#hal/linux/i2c/types.ts';
import type { JumpingTiming } from './jumping_timing.ts';

/** A device, as it sees the wires. Times are microseconds on the bus's clock. */
export interface I2cDevice {
  /** A start (or repeated start) with its address. */
  start(reading: boolean, at: number): void;
  write(octet: number, at: number): void;
  read(at: number): number;
  stop(at: number): void;
}

/** µs for which the kernel waits before it gives up a bus that is held. */
const TIMEOUT = 1_000_000;

export class I2cModelBus implements I2cBus {
  readonly #timing: JumpingTiming;
  readonly #microseconds: number;
  readonly #devices = new Map<number, I2cDevice>();
  #last: Promise<unknown> = Promise.resolve();
  /** Octets on the wire so far, addresses included. */
  octets = 0;
  transfers = 0;
  /** Transfers that were asked for while another was under way, and so had to wait. */
  overlaps = 0;
  #under = 0;
  /** Asked before each octet, addresses included; true: nobody acknowledges it. */
  disturb: (address: number, index: number) => boolean = () => false;
  /** Somebody holds the clock down. */
  stuck = false;
  /** The adapter has left. */
  gone = false;

  constructor(timing: JumpingTiming, hertz = 100_000) {
    this.#timing = timing;
    this.#microseconds = 9e6 / hertz;
  }

  attach(address: number, device: I2cDevice): void {
    this.#devices.set(address, device);
  }

  detach(address: number): void {
    this.#devices.delete(address);
  }

  async readByte(address: number, register: number): Promise<number> {
    const [octet = 0] = await this.#transfer(address, [register], 1);
    return octet;
  }

  async writeByte(address: number, register: number, value: number): Promise<void> {
    await this.#transfer(address, [register, value]);
  }

  async sendByte(address: number, value: number): Promise<void> {
    await this.#transfer(address, [value]);
  }

  async receiveByte(address: number): Promise<number> {
    const [octet = 0] = await this.#transfer(address, [], 1);
    return octet;
  }

  async writeBlock(address: number, register: number, octets: Uint8Array): Promise<void> {
    checkLength(octets.length);
    await this.#transfer(address, [register, ...octets]);
  }

  async readBlock(address: number, register: number, length: number): Promise<Uint8Array> {
    checkLength(length);
    return Uint8Array.from(await this.#transfer(address, [register], length));
  }

  async close(): Promise<void> {
    await this.#last;
  }

  #transfer(address: number, sent: readonly number[], wanted = 0): Promise<number[]> {
    if (this.#under > 0) this.overlaps += 1;
    this.#under += 1;
    const done = this.#last
      .then(() => this.#onWire(address, sent, wanted))
      .finally(() => {
        this.#under -= 1;
      });
    this.#last = done.catch(() => {});
    return done;
  }

  async #onWire(address: number, sent: readonly number[], wanted: number): Promise<number[]> {
    if (this.gone) throw new HalError('GONE', 'the adapter has left');
    if (this.stuck) {
      await this.#pass(TIMEOUT);
      throw new HalError('BUSY', 'the bus is held');
    }
    this.transfers += 1;
    const wire = new Wire(this.#timing.now() * 1000, this.#microseconds, (index) =>
      this.disturb(address, index),
    );
    const received: number[] = [];
    const acknowledged = exchange(wire, this.#devices.get(address), sent, wanted, received);
    this.octets += wire.octets;
    await this.#pass(wire.at - this.#timing.now() * 1000);
    if (!acknowledged) throw new HalError('NAK', `nobody acknowledges at 0x${address.toString(16)}`);
    return received;
  }

  #pass(microseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timing.after(microseconds / 1000, resolve);
    });
  }
}

/** The clock of one transfer. */
class Wire {
  at: number;
  octets = 0;
  readonly #each: number;
  readonly #disturbed: (index: number) => boolean;

  constructor(at: number, each: number, disturbed: (index: number) => boolean) {
    this.at = at;
    this.#each = each;
    this.#disturbed = disturbed;
  }

  /** An octet goes by; false: not acknowledged. */
  pass(): boolean {
    const heard = !this.#disturbed(this.octets);
    this.octets += 1;
    this.at += this.#each;
    return heard;
  }
}

/** False: an octet was not acknowledged, and the transfer ended there. */
function exchange(
  wire: Wire,
  device: I2cDevice | undefined,
  sent: readonly number[],
  wanted: number,
  received: number[],
): boolean {
  const phases = [...(sent.length > 0 ? ['write'] : []), ...(wanted > 0 ? ['read'] : [])];
  const heard = phases.every((phase) => {
    if (!wire.pass() || device === undefined) return false;
    device.start(phase === 'read', wire.at);
    return phase === 'read' ? fetch(wire, device, wanted, received) : send(wire, device, sent);
  });
  device?.stop(wire.at);
  return heard;
}

function send(wire: Wire, device: I2cDevice, octets: readonly number[]): boolean {
  return octets.every((octet) => {
    const heard = wire.pass();
    if (heard) device.write(octet, wire.at);
    return heard;
  });
}

/** It is the master who acknowledges these. */
function fetch(wire: Wire, device: I2cDevice, wanted: number, received: number[]): true {
  for (let left = wanted; left > 0; left--) {
    wire.pass();
    received.push(device.read(wire.at) & 0xff);
  }
  return true;
}

function checkLength(length: number): void {
  if (length < 1 || length > BLOCK_MAX) throw new HalError('IO', `a block of ${length} octets`);
}
