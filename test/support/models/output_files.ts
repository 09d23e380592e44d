/** Lines and PWM channels as files, as sysfs has them: threads that know nothing of models can set them too. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GpioLineConfig, GpioLines, Level } from '#hal/linux/gpio/types.ts';

export class OutputFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dualtone-outputs-'));

  /** A request of lines; inputs stay as they are. */
  readonly request = async (lines: readonly GpioLineConfig[]): Promise<GpioLines> => {
    for (const { offset, value = 0 } of lines) this.#set(offset, value);
    return {
      notes: [],
      read: () => new Map(lines.map(({ offset }) => [offset, this.level(offset)])),
      write: (values) => {
        for (const [offset, level] of values) this.#set(offset, level);
      },
      onEdges: () => {},
      onLost: () => {},
      handle: (offset) => ({ by: 'sysfs', path: this.#path(offset) }),
      close: () => {},
    };
  };

  level(offset: number): Level {
    return readFileSync(this.#path(offset), 'utf8') === '1' ? 1 : 0;
  }

  /** Makes a PWM chip with an exported channel 0. The root of its class, as /sys/class/pwm. */
  pwm(name: string): string {
    const root = join(this.#folder, 'pwm');
    const channel = join(root, name, 'pwm0');
    mkdirSync(channel, { recursive: true });
    writeFileSync(join(root, name, 'npwm'), '1');
    for (const file of ['enable', 'period', 'duty_cycle']) writeFileSync(join(channel, file), '0');
    return root;
  }

  /** Whether that channel swings. */
  swings(name: string): boolean {
    return readFileSync(join(this.#folder, 'pwm', name, 'pwm0', 'enable'), 'utf8') === '1';
  }

  /** ms, of Date.now(), at which this line or the channel of this chip was last written. */
  writtenAt(where: number | string): number {
    const path =
      typeof where === 'number' ? this.#path(where) : join(this.#folder, 'pwm', where, 'pwm0', 'enable');
    return statSync(path).mtimeMs;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(offset: number): string {
    return join(this.#folder, `gpio${offset}`);
  }

  #set(offset: number, level: Level): void {
    writeFileSync(this.#path(offset), String(level));
  }
}
