/** What the parts of a board use of the machine: GPIO by the driver that fits, I2C buses opened once for all, PWM, time. */
import type { LinuxBoard } from '../boards/schema.ts';
import { lineTimingsOf } from '../parts/line_timings.ts';
import { chooseGpio, driverOf } from './gpio/choose.ts';
import type { GpioDriver, GpioDriverName } from './gpio/types.ts';
import { SharedBuses } from './i2c/shared_buses.ts';
import { Keeper } from './keeper.ts';
import type { Drivers } from './part.ts';
import { openPwm } from './pwm.ts';
import { SYSTEM_TIMING } from './timing.ts';

export interface SystemDrivers extends Drivers {
  /** Closes the buses, and ends the keeper. */
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
  const keeper = new Keeper();
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
    pwm: (place, failed) =>
      openPwm('lines' in place ? { by: 'line', ...place } : { by: 'sysfs', ...place }, keeper, failed),
    guard: (lines, offsets, failed) =>
      keeper.guard(
        offsets.map((offset) => ({ by: 'line', line: lines.handle(offset) })),
        failed,
      ),
    timing: SYSTEM_TIMING,
    country: lineTimingsOf(country),
    close: async () => {
      await Promise.all([buses.close(), keeper.close()]);
    },
  };
}
