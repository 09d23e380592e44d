/** An adapter with an analog telephone on its line, in a guest: the telephone's contacts are SHK, its sound the loop's. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from './inside/watcher.ts';
import { LABEL, Telephone, type TelephoneOptions } from './telephone.ts';

/** Lines of ata-slic.json. */
export const SHK = 22;
const RM = 17;
const FR = 12;
const CHANNEL = '/sys/class/pwm/pwmchip0/pwm0';
/** ms of a dial's pulse: its contact opens, and closes again. */
const PULSE = { open: 60, closed: 40 } as const;

export class Adapter {
  readonly phone: Telephone;

  private constructor(phone: Telephone) {
    this.phone = phone;
  }

  static async start(options: Omit<TelephoneOptions, 'board'>): Promise<Adapter> {
    return new Adapter(await Telephone.start({ ...options, board: 'ata-slic' }));
  }

  /** The firmware does not run yet. */
  static async wired(options: Omit<TelephoneOptions, 'board'>): Promise<Adapter> {
    return new Adapter(await Telephone.wired({ ...options, board: 'ata-slic' }));
  }

  /** ms of the guest's clock. */
  lift(): Promise<number> {
    return this.phone.puppet.does('pull', LABEL, SHK, 1);
  }

  /** ms of the guest's clock. */
  putDown(): Promise<number> {
    return this.phone.puppet.does('pull', LABEL, SHK, 0);
  }

  /** Breaks the loop for so many ms. */
  async flash(ms: number): Promise<void> {
    await this.#contacts([
      [0, ms],
      [1, 0],
    ]);
  }

  /** Turns the dial. */
  async dial(digit: number): Promise<void> {
    const pulses = Array.from({ length: digit === 0 ? 10 : digit }, () => [
      [0, PULSE.open] as const,
      [1, PULSE.closed] as const,
    ]);
    await this.#contacts(pulses.flat());
    await sleep(700);
  }

  /** Begins to look at RM and F/R. */
  async watch(): Promise<void> {
    const { puppet } = this.phone;
    const [rm, fr] = await Promise.all([RM, FR].map((line) => puppet.does('levelFile', LABEL, line)));
    const files = { rm: rm ?? '', fr: fr ?? '', enable: `${CHANNEL}/enable`, period: `${CHANNEL}/period` };
    await puppet.does('watch', 'ring', files);
  }

  watched(): Promise<readonly Change[]> {
    return this.phone.puppet.does('watched', 'ring');
  }

  /** Once RM has risen so many times since `watch`; ms of the guest's clock of the last rise. */
  burst(count: number): Promise<number> {
    return this.phone.until(`burst ${count}`, 15_000, async () => {
      const rises = (await this.watched()).filter(({ name, text }) => name === 'rm' && text === '1');
      return rises[count - 1]?.at;
    });
  }

  async #contacts(steps: readonly (readonly [0 | 1, number])[]): Promise<void> {
    await this.phone.puppet.does('pulses', LABEL, SHK, steps);
  }
}
