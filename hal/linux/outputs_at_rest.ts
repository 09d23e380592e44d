/**
 * Puts outputs to rest that could do harm: coil, ring generator, amplifier. For the start of the agent, and for when it
 * is gone without a word: a killed process leaves lines that were exported to sysfs, and PWM channels, as they were.
 */
import { HalError, halErrorOf } from './error.ts';
import { chooseGpio, driverOf, type GpioChoice } from './gpio/choose.ts';
import { freeExported, SYSFS_GPIO, setUnexported, sysfsChip, sysfsChips } from './gpio/sysfs.ts';
import type { Level } from './gpio/types.ts';
import { freeExportedPwm } from './pwm_sysfs.ts';

/** One output of a board, and what rest means for it. */
export type HarmfulOutput =
  | {
      readonly kind: 'line';
      /** As the board profile calls it. */
      readonly name: string;
      readonly chip: readonly string[];
      readonly offset: number;
      /** It is on while its line is low. */
      readonly activeLow?: boolean;
    }
  | {
      readonly kind: 'pwm';
      readonly name: string;
      readonly chip: readonly string[];
      readonly channel: number;
    };

type HarmfulLine = HarmfulOutput & { kind: 'line' };

export interface Rested {
  readonly name: string;
  /** False: nobody could make sure that it is at rest. */
  readonly ok: boolean;
  readonly note: string;
}

/** Where GPIO is found. */
export interface GpioPlaces {
  /** Of sysfs. */
  readonly root?: string;
  /** The character device; without a driver it is done by sysfs. */
  readonly device?: () => Promise<GpioChoice>;
}

const characterDevice = () => chooseGpio('character device');

/**
 * Each in its turn, whatever became of those before. Never rejects. What a killed process left in sysfs comes first: files
 * need no package, whose loading may take as long as all the rest.
 */
export async function putToRest(
  outputs: readonly HarmfulOutput[],
  { root = SYSFS_GPIO, device = characterDevice }: GpioPlaces = {},
): Promise<readonly Rested[]> {
  const freed = await Promise.allSettled(outputs.map(async (output) => free(output, root)));
  const choice = outputs.some(({ kind }) => kind === 'line') ? await device() : { reasons: [] };
  const rested: Rested[] = [];
  for (const [index, output] of outputs.entries()) {
    const { name } = output;
    try {
      const was = freed[index];
      if (was?.status === 'rejected') throw was.reason;
      const left = was?.value ?? 'not in use';
      const note = output.kind === 'pwm' ? CHANNEL[left] : await setLine(output, left, choice, root);
      rested.push({ name, ok: true, note });
    } catch (error) {
      rested.push({ name, ok: false, note: halErrorOf(error, name).message });
    }
  }
  return rested;
}

/** What files of sysfs could do for an output. */
type Left = 'freed' | 'not in use' | 'absent';

/** A channel that is not exported was never started; where PWM is switched off, its line is toggled. */
const CHANNEL: Readonly<Record<Left, string>> = {
  freed: 'stopped',
  'not in use': 'was not in use',
  absent: 'there is no such PWM',
};

function free(output: HarmfulOutput, root: string): Left {
  try {
    const wasLeft = output.kind === 'pwm' ? freeExportedPwm(output) : freeLine(output, root);
    return wasLeft ? 'freed' : 'not in use';
  } catch (error) {
    if (error instanceof HalError && error.code === 'ABSENT') return 'absent';
    throw error;
  }
}

function freeLine(line: HarmfulLine, root: string): boolean {
  return freeExported(numberOf(line, root), voltageOf(line), root);
}

/** Whatever sysfs says, the character device has the last word where it is there: others may hold the line by it. */
async function setLine(line: HarmfulLine, left: Left, choice: GpioChoice, root: string): Promise<string> {
  const { chip, offset, activeLow = false } = line;
  if (choice.driver === undefined) {
    if (left === 'freed') return 'set, and given back';
    // Without any chip in sysfs, what stands in the way of the better driver is what is to be mended.
    if (sysfsChips(root).length === 0) driverOf(choice);
    await setUnexported(numberOf(line, root), voltageOf(line), root);
    return 'set';
  }
  const lines = await choice.driver.request(
    chip,
    [{ offset, direction: 'out', value: 0, activeLow }],
    'dualtone rest',
  );
  lines.close();
  return left === 'freed' ? 'a process had left it exported; set' : 'set';
}

/** In sysfs, where numbers beyond a chip's lines are those of another one. Throws a HalError `ABSENT`. */
function numberOf({ chip, offset }: HarmfulLine, root: string): number {
  const { label, base, lines } = sysfsChip(chip, root);
  if (offset < lines) return base + offset;
  throw new HalError('ABSENT', `line ${offset} of ${label}: the chip has only ${lines}`);
}

/** At rest. */
const voltageOf = ({ activeLow = false }: HarmfulLine): Level => (activeLow ? 1 : 0);
