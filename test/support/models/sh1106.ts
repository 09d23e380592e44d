/**
 * An SH1106 with its glass: 132 columns of memory, of which 128 are seen, and page addressing only; what belongs to
 * other addressing modes is a violation, and a column past the last one is not written (data sheet 2.2).
 */
import { OledModel } from './ssd1306.ts';

const WITH_ARGUMENT = [0x81, 0xa8, 0xad, 0xd3, 0xd5, 0xd9, 0xda, 0xdb];
const COLUMNS = 132;

export class Sh1106Model extends OledModel {
  constructor(width = 128, height = 64) {
    super({ columns: COLUMNS, width, height });
  }

  protected override argumentsOf(command: number): number {
    return WITH_ARGUMENT.includes(command) ? 1 : 0;
  }

  protected override obey(command: number, [given = 0]: readonly number[]): boolean {
    if (command <= 0x0f) this.column = (this.column & 0xf0) | command;
    else if (command <= 0x1f) this.column = ((command & 0x0f) << 4) | (this.column & 0x0f);
    else if (command === 0xad) this.pump = given === 0x8b;
    else if (command >= 0xb0 && command <= 0xb7) this.page = command & 7;
    else return (command >= 0x30 && command <= 0x33) || command === 0xe0 || command === 0xee;
    return true;
  }

  protected override store(octet: number): void {
    if (this.column >= COLUMNS) {
      this.violations.push(`column ${this.column}`);
      return;
    }
    const segment = this.flipped ? COLUMNS - 1 - this.column : this.column;
    this.memory[this.page * COLUMNS + segment] = octet;
    this.column += 1;
  }
}
