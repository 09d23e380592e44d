/** An I2C bus by the package i2c-bus, which is optional and native. */
import { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { PromisifiedBus } from 'i2c-bus';
import { HalError, halErrorOf } from '../error.ts';
import { BLOCK_MAX, type I2cBus } from './types.ts';

const SYSFS_I2C = '/sys/bus/i2c/devices';

/**
 * @param which number of the bus, or the beginning of its adapter's name, as `bcm2835 (i2c@7e804000)`: numbers of
 *   adapters on USB change
 *
 * Rejects with a HalError: `ABSENT` without the package or the bus, `DENIED` without permission. That a device
 * answers is only known after a transfer.
 */
export async function openI2cBus(which: number | string): Promise<I2cBus> {
  const number = typeof which === 'number' ? which : busCalled(which);
  const path = `/dev/i2c-${number}`;
  if (!existsSync(path)) {
    throw new HalError(
      'ABSENT',
      `there is no ${path}: switch I2C on in the boot configuration, load i2c-dev`,
    );
  }
  const { openPromisified } = await load();
  try {
    return new SerialBus(await openPromisified(number), path);
  } catch (error) {
    throw halErrorOf(error, path);
  }
}

async function load() {
  try {
    return (await import('i2c-bus')).default;
  } catch {
    throw new HalError(
      'ABSENT',
      'the optional package i2c-bus is not installed, or was not built: npm rebuild i2c-bus',
    );
  }
}

function busCalled(name: string): number {
  const buses = existsSync(SYSFS_I2C)
    ? readdirSync(SYSFS_I2C)
        .filter((entry) => /^i2c-\d+$/.test(entry))
        .map((entry) => ({
          number: Number(entry.slice(4)),
          name: readFileSync(`${SYSFS_I2C}/${entry}/name`, 'utf8').trim(),
        }))
    : [];
  const found = buses.find((bus) => bus.name.startsWith(name));
  if (found !== undefined) return found.number;
  const here = buses.map((bus) => bus.name).join(', ') || 'none';
  throw new HalError('ABSENT', `no I2C adapter is called ${name}; there are: ${here}`);
}

/**
 * One transfer at a time: each occupies one of libuv's four threads, and a bus that hangs shall have but one of them
 * (the kernel gives up after a second).
 */
class SerialBus implements I2cBus {
  readonly #bus: PromisifiedBus;
  readonly #path: string;
  #last: Promise<unknown> = Promise.resolve();
  #open = true;

  constructor(bus: PromisifiedBus, path: string) {
    this.#bus = bus;
    this.#path = path;
  }

  readByte(address: number, register: number): Promise<number> {
    return this.#after(address, () => this.#bus.readByte(address, register));
  }

  writeByte(address: number, register: number, value: number): Promise<void> {
    return this.#after(address, () => this.#bus.writeByte(address, register, value));
  }

  sendByte(address: number, value: number): Promise<void> {
    return this.#after(address, () => this.#bus.sendByte(address, value));
  }

  receiveByte(address: number): Promise<number> {
    return this.#after(address, () => this.#bus.receiveByte(address));
  }

  async writeBlock(address: number, register: number, octets: Uint8Array): Promise<void> {
    assertLength(octets.length);
    const copy = Buffer.from(octets);
    await this.#after(address, () => this.#bus.writeI2cBlock(address, register, copy.length, copy));
  }

  async readBlock(address: number, register: number, length: number): Promise<Uint8Array> {
    assertLength(length);
    return this.#after(address, async () => {
      const { buffer, bytesRead } = await this.#bus.readI2cBlock(
        address,
        register,
        length,
        Buffer.alloc(length),
      );
      return buffer.subarray(0, bytesRead);
    });
  }

  /** After the transfers that were asked for before. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#last;
    await this.#bus.close();
  }

  #after<T>(address: number, transfer: () => Promise<T>): Promise<T> {
    const where = `I2C device 0x${address.toString(16).padStart(2, '0')} on ${this.#path}`;
    if (!this.#open) return Promise.reject(new HalError('GONE', `${where}: the bus was closed`));
    const done = this.#last.then(transfer).catch((error: unknown) => {
      throw halErrorOf(error, where);
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

function assertLength(length: number): void {
  if (length < 1 || length > BLOCK_MAX) {
    throw new HalError('IO', `an I2C block has 1 to ${BLOCK_MAX} octets, not ${length}`);
  }
}
