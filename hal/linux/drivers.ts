/** What the parts of a board use of the machine: GPIO by the driver that fits, I2C buses opened once for all, PWM, time. */
import type { LinuxBoard } from '../boards/schema.ts';
import { lineTimingsOf } from '../parts/line_timings.ts';
import { HalError } from './error.ts';
import { chooseGpio, type GpioChoice } from './gpio/choose.ts';
import type { GpioDriver, GpioDriverName } from './gpio/types.ts';
import { openI2cBus } from './i2c/i2c_bus.ts';
import type { I2cBus } from './i2c/types.ts';
import type { Drivers } from './part.ts';
import { openPwm } from './pwm.ts';
import { SYSTEM_TIMING } from './timing.ts';

export interface SystemDrivers extends Drivers {
  /** Closes the buses. */
  close(): Promise<void>;
}

/**
 * @param country ISO 3166, two letters
 * @param forced only this GPIO driver
 */
export function systemDrivers(
  { gpio }: Pick<LinuxBoard, 'gpio'>,
  country: string,
  forced?: GpioDriverName,
): SystemDrivers {
  let chosen: GpioDriver | undefined;
  const buses = new SharedBuses();
  return {
    lines: async (lines, consumer) => {
      // Looked for again until there is one: a chip may come with its module.
      chosen ??= driverOf(await chooseGpio(forced));
      return chosen.request(gpio.chip, lines, `dualtone ${consumer}`);
    },
    get gpio() {
      return chosen?.name ?? 'GPIO';
    },
    i2c: (bus) => buses.open(bus),
    pwm: (place) => openPwm('lines' in place ? { by: 'line', ...place } : { by: 'sysfs', ...place }),
    timing: SYSTEM_TIMING,
    country: lineTimingsOf(country),
    close: () => buses.close(),
  };
}

function driverOf({ driver }: GpioChoice): GpioDriver {
  if (driver !== undefined) return driver;
  throw new HalError('ABSENT', 'GPIO cannot be used here; dualtone selftest says why');
}

/** One bus of a number for all parts on it, until it is gone: then the next part opens it anew. */
class SharedBuses {
  readonly #buses = new Map<number | string, Promise<I2cBus>>();

  open(which: number | string): Promise<I2cBus> {
    const open = this.#buses.get(which);
    if (open !== undefined) return open;
    const forget = () => {
      if (this.#buses.get(which) === opening) this.#buses.delete(which);
    };
    const opening = openI2cBus(which).then((bus) => watched(bus, forget));
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

/** The same bus; `gone` is called when it has left. */
function watched(bus: I2cBus, gone: () => void): I2cBus {
  const watch = async <T>(transfer: Promise<T>): Promise<T> => {
    try {
      return await transfer;
    } catch (error) {
      if (error instanceof HalError && error.code === 'GONE') gone();
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
