/** A text display: HD44780 behind a PCF8574, the usual backpack of 16x2 and 20x4 modules. */
import { Hd44780, type Hd44780Options } from '../parts/hd44780.ts';
import { PanelDriver, type PanelSurroundings } from './panel_driver.ts';
import type { Part } from './part.ts';

export interface Hd44780Display extends Hd44780Options {
  /** 0x20 to 0x27 with a PCF8574, 0x38 to 0x3f with a PCF8574A. */
  readonly address: number;
}

/** Rejects with a HalError when it does not answer. */
export async function openHd44780Display(
  display: Hd44780Display,
  surroundings: PanelSurroundings,
): Promise<Part> {
  const { address, columns, lines } = display;
  return PanelDriver.open({
    ...surroundings,
    name: 'display-hd44780',
    driver: `HD44780 ${columns}x${lines} at 0x${address.toString(16)}`,
    address,
    panel: new Hd44780(display),
  });
}
