/** A channel of the chip's own PWM, by the files of /sys/class/pwm. It goes on when its process is killed. */
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HalError, halErrorOf } from './error.ts';
import type { PwmOutput, Wave } from './pwm.ts';

const SYSFS_PWM = '/sys/class/pwm';

export interface SysfsPwmPlace {
  /** Device names that are accepted, as `fe20c000.pwm`: chip numbers change from boot to boot. */
  readonly chip: readonly string[];
  readonly channel: number;
}

/** udev gives an exported channel to its group a little later. */
const PATIENCE = { attempts: 50, pause: 10 };

/** Rejects with a HalError: `ABSENT`, `BUSY` when the kernel itself uses the channel, `DENIED`. */
export async function openSysfsPwm(place: SysfsPwmPlace): Promise<PwmOutput> {
  const { chip, folder } = findChannel(place);
  const where = `PWM channel ${place.channel} of ${place.chip.join(' or ')}`;
  try {
    // A process that was killed leaves it exported.
    if (!existsSync(folder)) writeFileSync(`${chip}/export`, String(place.channel));
  } catch (error) {
    throw halErrorOf(error, where);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      rest(folder);
      return new SysfsPwm(chip, folder, place.channel, where);
    } catch (error) {
      if (attempt === PATIENCE.attempts) throw halErrorOf(error, where);
      await sleep(PATIENCE.pause);
    }
  }
}

/** Puts a channel to rest that somebody left exported, and gives it back. False: nobody did. */
export function freeExportedPwm(place: SysfsPwmPlace): boolean {
  const { chip, folder } = findChannel(place);
  if (!existsSync(folder)) return false;
  try {
    rest(folder);
    writeFileSync(`${chip}/unexport`, String(place.channel));
  } catch (error) {
    throw halErrorOf(error, `PWM channel ${place.channel} of ${place.chip.join(' or ')}`);
  }
  return true;
}

function findChannel({ chip: names, channel }: SysfsPwmPlace): {
  readonly chip: string;
  readonly folder: string;
} {
  const chips = existsSync(SYSFS_PWM) ? readdirSync(SYSFS_PWM).map((name) => `${SYSFS_PWM}/${name}`) : [];
  const chip = chips.find((path) => names.includes(deviceOf(path)));
  if (chip === undefined) {
    const here = chips.map(deviceOf).join(', ') || 'none';
    throw new HalError('ABSENT', `no PWM chip is called ${names.join(' or ')}; there are: ${here}`);
  }
  const channels = Number(readFileSync(`${chip}/npwm`, 'utf8'));
  if (channel >= channels) {
    throw new HalError('ABSENT', `PWM chip ${deviceOf(chip)} has ${channels} channels, and none ${channel}`);
  }
  return { chip, folder: `${chip}/pwm${channel}` };
}

function deviceOf(chip: string): string {
  return existsSync(`${chip}/device`) ? basename(realpathSync(`${chip}/device`)) : basename(chip);
}

/** Low first: where a disabled channel stays as it is, it stays low. */
function rest(folder: string): void {
  if (Number(readFileSync(`${folder}/duty_cycle`, 'utf8')) !== 0) writeFileSync(`${folder}/duty_cycle`, '0');
  if (Number(readFileSync(`${folder}/enable`, 'utf8')) !== 0) writeFileSync(`${folder}/enable`, '0');
}

class SysfsPwm implements PwmOutput {
  readonly driver = 'sysfs PWM';
  readonly #chip: string;
  readonly #folder: string;
  readonly #channel: number;
  readonly #where: string;
  #limit: NodeJS.Timeout | undefined;
  #open = true;

  constructor(chip: string, folder: string, channel: number, where: string) {
    this.#chip = chip;
    this.#folder = folder;
    this.#channel = channel;
    this.#where = where;
  }

  start({ frequency, duty }: Wave, limit: number): void {
    if (!this.#open) throw new HalError('GONE', `${this.#where} was closed`);
    const period = Math.round(1e9 / frequency);
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#stopQuietly(), limit);
    this.#attempt(() => {
      // The kernel refuses a period that is shorter than the high part of it.
      this.#write('duty_cycle', 0);
      this.#write('period', period);
      this.#write('duty_cycle', Math.round(period * duty));
      this.#write('enable', 1);
    });
  }

  stop(): void {
    clearTimeout(this.#limit);
    if (this.#open) this.#attempt(() => rest(this.#folder));
  }

  /** A chip that has left cannot be stopped; whoever starts it next hears of it. */
  #stopQuietly(): void {
    try {
      this.stop();
    } catch {}
  }

  jitter(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    clearTimeout(this.#limit);
    this.#open = false;
    this.#attempt(() => {
      rest(this.#folder);
      writeFileSync(`${this.#chip}/unexport`, String(this.#channel));
    });
  }

  #write(name: string, value: number): void {
    writeFileSync(`${this.#folder}/${name}`, String(value));
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw halErrorOf(error, this.#where);
    }
  }
}
