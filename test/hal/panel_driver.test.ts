import test from 'ava';
import { PanelDriver } from '#hal/linux/panel_driver.ts';
import type { Panel } from '#hal/parts/panel.ts';
import { transfer } from '#hal/parts/transfer.ts';
import { I2cModelBus } from '../support/models/i2c_model_bus.ts';
import { JumpingTiming } from '../support/models/jumping_timing.ts';

const DEAF = { start() {}, write() {}, read: () => 0, stop() {} };

/** Shows by one octet: the length of the first line. */
class OneOctet implements Panel {
  readonly statusRegister = undefined;
  wanted = 0;
  shown = -1;
  #sending = 0;
  /** Called whenever there is nothing left to send. */
  onIdle = () => {};

  show([line = '']: readonly string[]): void {
    this.wanted = line.length;
  }

  next() {
    this.#sending = this.wanted;
    if (this.wanted !== this.shown) return transfer(0, [this.wanted]);
    this.onIdle();
    return undefined;
  }

  done(): void {
    this.shown = this.#sending;
  }

  reset(): void {
    this.shown = -1;
  }

  refresh(): void {}

  rest() {
    return [];
  }

  hasLostPower(): boolean {
    return false;
  }
}

test('A picture that comes at the very moment at which the last one is done is not forgotten', async (t) => {
  for (let delay = 0; delay < 8; delay++) {
    const timing = new JumpingTiming();
    const bus = new I2cModelBus(timing);
    bus.attach(1, DEAF);
    const panel = new OneOctet();
    const part = await timing.until(
      PanelDriver.open({
        ...{ name: 'display', driver: 'model', address: 1 },
        ...{ panel, bus, timing, events: { failed: (error) => t.fail(error.message) } },
      }),
    );
    let later = async () => {
      later = async () => {};
      for (let turn = 0; turn < delay; turn++) await undefined;
      part.perform({ kind: 'display', lines: ['newest'] });
    };
    panel.onIdle = () => void later();
    part.perform({ kind: 'display', lines: ['x'] });
    await timing.run(100);
    t.is(panel.shown, 'newest'.length, `${delay} turns later`);
    t.is(bus.overlaps, 0);
  }
});
