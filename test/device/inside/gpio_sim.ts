/** Chips of the kernel's gpio-sim, for use inside the guest: made, pulled from outside as by a person, looked at. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

const CONFIGFS = '/sys/kernel/config/gpio-sim';

/** Milliseconds that a level has to last: simulated interrupts come with the timer tick, of which there are 100 a second. */
export const SETTLED = 25;

export class SimulatedChip {
  readonly label: string;
  readonly lines: number;
  readonly #folder: string;
  /** Of its platform device, with one directory for each line. */
  #device: string;
  /** As `gpio-sim.0`. */
  readonly deviceName: string;

  /** @param label what profiles know the chip by. */
  constructor(label: string, lines: number) {
    this.label = label;
    this.lines = lines;
    this.#folder = `${CONFIGFS}/${label}`;
    mkdirSync(`${this.#folder}/bank0`, { recursive: true });
    writeFileSync(`${this.#folder}/bank0/num_lines`, String(lines));
    writeFileSync(`${this.#folder}/bank0/label`, label);
    writeFileSync(`${this.#folder}/live`, '1');
    this.deviceName = readFileSync(`${this.#folder}/dev_name`, 'utf8').trim();
    this.#device = this.#found();
  }

  /** The file that pulls the line, for whoever pulls it without us. */
  pullFile(line: number): string {
    return `${this.#device}/sim_gpio${line}/pull`;
  }

  /** The file that tells the line's voltage. */
  levelFile(line: number): string {
    return `${this.#device}/sim_gpio${line}/value`;
  }

  /** What is wired to an input pulls it to this voltage. */
  pull(line: number, level: 0 | 1): void {
    writeFileSync(this.pullFile(line), level === 1 ? 'pull-up' : 'pull-down');
  }

  /** Voltage of the line, whoever drives it. */
  level(line: number): 0 | 1 {
    return readFileSync(this.levelFile(line), 'utf8').trim() === '1' ? 1 : 0;
  }

  /** Outputs that are low. An open drain that lets go is an input, and `level` would tell what it was before. */
  drivenLow(): ReadonlySet<number> {
    const chips = readFileSync('/sys/kernel/debug/gpio', 'utf8').split(/^(?=gpiochip)/m);
    const own = chips.find((chip) => chip.includes(`platform/${this.deviceName},`)) ?? '';
    return new Set([...own.matchAll(/^ gpio-(\d+) .* output-low,/gm)].map(([, offset]) => Number(offset)));
  }

  /** The driver lets the chip go, as when it is unplugged. */
  unplug(): void {
    writeFileSync('/sys/bus/platform/drivers/gpio-sim/unbind', this.deviceName);
  }

  /** Under another number where somebody holds lines of the one before; what was wired to it has to be wired anew. */
  plug(): void {
    writeFileSync('/sys/bus/platform/drivers/gpio-sim/bind', this.deviceName);
    this.#device = this.#found();
  }

  #found(): string {
    const chip = readFileSync(`${this.#folder}/bank0/chip_name`, 'utf8').trim();
    return `/sys/devices/platform/${this.deviceName}/${chip}`;
  }

  remove(): void {
    writeFileSync(`${this.#folder}/live`, '0');
    rmdirSync(`${this.#folder}/bank0`);
    rmdirSync(this.#folder);
  }
}
