/** What this machine offers to a board: drivers and why, packages, buses, PWM, sound cards. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { chooseGpio } from '../linux/gpio/choose.ts';
import { packageStates } from './packages.ts';

/** Lines for people. */
export async function describeMachine(): Promise<readonly string[]> {
  const [{ driver, reasons }, packages] = await Promise.all([chooseGpio(), packageStates()]);
  return [
    'native packages',
    ...packages.map(
      ({ name, usable, note }) => `  ${usable ? 'ok     ' : 'missing'} ${name.padEnd(8)} ${note}`,
    ),
    `GPIO: ${driver === undefined ? 'cannot be used here' : driver.name}`,
    ...reasons.map((reason) => `  ${reason.driver}: ${reason.why}`),
    `I2C buses: ${list(i2cBuses())}`,
    `PWM chips: ${list(pwmChips())}`,
    `sound cards: ${list(soundCards())}`,
  ];
}

const list = (names: readonly string[]): string => names.join(', ') || 'none';

function i2cBuses(): readonly string[] {
  return readdirSync('/dev')
    .filter((name) => /^i2c-\d+$/.test(name))
    .map((name) => `/dev/${name}`);
}

function pwmChips(folder = '/sys/class/pwm'): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(`${folder}/${name}/device`))
    .map((name) => basename(realpathSync(`${folder}/${name}/device`)));
}

/** By the names that ALSA takes: numbers change. */
function soundCards(folder = '/proc/asound'): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => `CARD=${readFileSync(`${folder}/${name}/id`, 'utf8').trim()}`);
}
