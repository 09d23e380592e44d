/** An OLED display: SSD1306 or SH1106. */
import { Oled, type OledOptions } from '../parts/ssd1306.ts';
import { PanelDriver, type PanelSurroundings } from './panel_driver.ts';
import type { Part } from './part.ts';

export interface OledDisplay extends OledOptions {
  /** 0x3c, or 0x3d where the module says so. */
  readonly address: number;
}

/** Rejects with a HalError when it does not answer. */
export async function openOledDisplay(display: OledDisplay, surroundings: PanelSurroundings): Promise<Part> {
  const { address, controller, width, height } = display;
  return PanelDriver.open({
    ...surroundings,
    name: 'display-ssd1306',
    driver: `${controller.toUpperCase()} ${width}x${height} at 0x${address.toString(16)}`,
    address,
    panel: new Oled(display),
  });
}
