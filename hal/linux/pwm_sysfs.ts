/** A channel of the chip's own PWM, by the files of /sys/class/pwm. It goes on when its process is killed. */
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HalError, halErrorOf } from './error.ts';
import type { Kept } from './keeper_messages.ts';
import type { Guard } from './part.ts';
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
export async function openSysfsPwm(
  place: SysfsPwmPlace,
  watchOver: (kept: Kept) => Promise<Guard>,
  root = SYSFS_PWM,
): Promise<PwmOutput> {
  const { chip, folder } = findChannel(place, root);
  const where = `PWM channel ${place.channel} of ${place.chip.join(' or ')}`;
  try {
    // A process that was killed leaves it exported.
    if (!existsSync(folder)) writeFileSync(`${chip}/export`, String(place.channel));
  } catch (error) {
    throw halErrorOf(error, where);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      restChannel(folder);
      break;
    } catch (error) {
      if (attempt === PATIENCE.attempts) throw halErrorOf(error, where);
      await sleep(PATIENCE.pause);
    }
  }
  const guard = await watchOver({ by: 'sysfs PWM', folder });
  return new SysfsPwm({ chip, folder, channel: place.channel, where, guard });
}

/** Puts a channel to rest that somebody left exported, and gives it back. False: nobody did. */
export function freeExportedPwm(place: SysfsPwmPlace): boolean {
  const { chip, folder } = findChannel(place);
  if (!existsSync(folder)) return false;
  try {
    restChannel(folder);
    writeFileSync(`${chip}/unexport`, String(place.channel));
  } catch (error) {
    throw halErrorOf(error, `PWM channel ${place.channel} of ${place.chip.join(' or ')}`);
  }
  return true;
}

function findChannel(
  { chip: names, channel }: SysfsPwmPlace,
  root = SYSFS_PWM,
): {
  readonly chip: string;
  readonly folder: string;
} {
  const chips = existsSync(root) ? readdirSync(root).map((name) => `${root}/${name}`) : [];
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
export function restChannel(folder: string): void {
  if (Number(readFileSync(`${folder}/duty_cycle`, 'utf8')) !== 0) writeFileSync(`${folder}/duty_cycle`, '0');
  if (Number(readFileSync(`${folder}/enable`, 'utf8')) !== 0) writeFileSync(`${folder}/enable`, '0');
}

interface OpenChannel {
  readonly chip: string;
  readonly folder: string;
  readonly channel: number;
  /** For people. */
  readonly where: string;
  readonly guard: Guard;
}

class SysfsPwm implements PwmOutput {
  readonly driver = 'sysfs PWM';
  readonly #at: OpenChannel;
  #open = true;

  constructor(at: OpenChannel) {
    this.#at = at;
  }

  start({ frequency, duty }: Wave, limit: number): void {
    const { where, guard } = this.#at;
    if (!this.#open) throw new HalError('GONE', `${where} was closed`);
    const period = Math.round(1e9 / frequency);
    if (limit === Number.POSITIVE_INFINITY) guard.off();
    else guard.on(limit);
    this.#attempt(() => {
      // The kernel refuses a period that is shorter than the high part of it.
      this.#write('duty_cycle', 0);
      this.#write('period', period);
      this.#write('duty_cycle', Math.round(period * duty));
      this.#write('enable', 1);
    });
  }

  stop(): void {
    if (!this.#open) return;
    this.#attempt(() => restChannel(this.#at.folder));
    this.#at.guard.off();
  }

  jitter(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const { chip, folder, channel, guard } = this.#at;
    this.#attempt(() => restChannel(folder));
    await guard.close();
    this.#attempt(() => {
      writeFileSync(`${chip}/unexport`, String(channel));
    });
  }

  #write(name: string, value: number): void {
    writeFileSync(`${this.#at.folder}/${name}`, String(value));
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw halErrorOf(error, this.#at.where);
    }
  }
}
