/**
 * Puts outputs to rest that could do harm: coil, ring generator, amplifier. For the start of the agent, and for when it
 * is gone without a word: a killed process leaves lines that were exported to sysfs, and PWM channels, as they were.
 */
import { HalError, halErrorOf } from './error.ts';
import { chooseGpio, driverOf, type GpioChoice } from './gpio/choose.ts';
import { freeExported, sysfsChips } from './gpio/sysfs.ts';
import type { GpioLineConfig, Level } from './gpio/types.ts';
import { freeExportedPwm } from './pwm_sysfs.ts';

/** One output of a board, and what rest means for it. */
export type HarmfulOutput =
  | {
      readonly kind: 'line';
      /** As the board profile calls it. */
      readonly name: string;
      readonly chip: readonly string[];
      readonly offset: number;
      readonly activeLow?: boolean;
      readonly drive?: GpioLineConfig['drive'];
      /** Logical level at rest; 0 by default. */
      readonly rest?: Level;
    }
  | {
      readonly kind: 'pwm';
      readonly name: string;
      readonly chip: readonly string[];
      readonly channel: number;
    };

export interface Rested {
  readonly name: string;
  /** False: nobody could make sure that it is at rest. */
  readonly ok: boolean;
  readonly note: string;
}

/** One after the other, each in its turn whatever became of those before. Never rejects. */
export async function putToRest(outputs: readonly HarmfulOutput[]): Promise<readonly Rested[]> {
  const rested: Rested[] = [];
  const choice = await chooseGpio();
  for (const output of outputs) {
    const { name } = output;
    try {
      const note = output.kind === 'pwm' ? restChannel(output) : await restLine(output, choice);
      rested.push({ name, ok: true, note });
    } catch (error) {
      rested.push({ name, ok: false, note: halErrorOf(error, name).message });
    }
  }
  return rested;
}

/** A channel that is not exported was never started; where PWM is switched off, its line is toggled. */
function restChannel(output: HarmfulOutput & { kind: 'pwm' }): string {
  try {
    return freeExportedPwm(output) ? 'stopped' : 'was not in use';
  } catch (error) {
    if (error instanceof HalError && error.code === 'ABSENT') return 'there is no such PWM';
    throw error;
  }
}

async function restLine(output: HarmfulOutput & { kind: 'line' }, choice: GpioChoice): Promise<string> {
  const { chip, offset, activeLow = false, drive, rest = 0 } = output;
  const base = sysfsChips().find(({ label }) => chip.includes(label))?.base;
  const voltage = (rest === 1) !== activeLow ? 1 : 0;
  const left = base !== undefined && freeExported(base + offset, voltage);
  if (choice.driver === undefined && left) return 'set, and given back';
  const line: GpioLineConfig = { offset, direction: 'out', value: rest, activeLow, ...(drive && { drive }) };
  const lines = await driverOf(choice).request(chip, [line], 'dualtone rest');
  lines.close();
  return left ? 'a process had left it exported; set' : 'set';
}
