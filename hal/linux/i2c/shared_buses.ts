/** I2C buses of a board as its parts share them. */
import { HalError } from '../error.ts';
import { openI2cBus } from './i2c_bus.ts';
import type { I2cBus } from './types.ts';

/** One bus of a number for all parts on it, until it is gone: then it is closed, and the next part opens it anew. */
export class SharedBuses {
  readonly #open: (which: number | string) => Promise<I2cBus>;
  readonly #buses = new Map<number | string, Promise<I2cBus>>();

  /** @param open as openI2cBus, which it is by default */
  constructor(open = openI2cBus) {
    this.#open = open;
  }

  /** Rejects with a HalError. */
  open(which: number | string): Promise<I2cBus> {
    const open = this.#buses.get(which);
    if (open !== undefined) return open;
    const forget = () => {
      if (this.#buses.get(which) === opening) this.#buses.delete(which);
    };
    const opening = this.#open(which).then((bus) => watched(bus, forget));
    this.#buses.set(which, opening);
    opening.catch(forget);
    return opening;
  }

  async close(): Promise<void> {
    const buses = await Promise.allSettled(this.#buses.values());
    this.#buses.clear();
    await Promise.allSettled(
      buses.map((bus) => (bus.status === 'fulfilled' ? bus.value.close() : undefined)),
    );
  }
}

/** The same bus; when it has left, `gone` is called and it is closed, or adapters that come and go use descriptors up. */
function watched(bus: I2cBus, gone: () => void): I2cBus {
  const watch = async <T>(transfer: Promise<T>): Promise<T> => {
    try {
      return await transfer;
    } catch (error) {
      if (error instanceof HalError && error.code === 'GONE') {
        gone();
        void bus.close().catch(() => {});
      }
      throw error;
    }
  };
  return {
    readByte: (...args) => watch(bus.readByte(...args)),
    writeByte: (...args) => watch(bus.writeByte(...args)),
    sendByte: (...args) => watch(bus.sendByte(...args)),
    receiveByte: (...args) => watch(bus.receiveByte(...args)),
    writeBlock: (...args) => watch(bus.writeBlock(...args)),
    readBlock: (...args) => watch(bus.readBlock(...args)),
    close: () => bus.close(),
  };
}
