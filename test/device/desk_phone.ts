/** The firmware in a guest with the profile of a desk telephone, unchanged, on the laboratory's devices. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PartStatus } from '#hal/types.ts';
import { until } from '../support/process.ts';
import type { Pin } from './inside/laboratory.ts';
import { labModule } from './kernel.ts';
import { Puppet } from './puppet.ts';

/** The chip of a Raspberry Pi 4, and lines of desk-mcp-lcd.json on it. */
const LABEL = 'pinctrl-bcm2711';
const HOOK = 17;
const INTERRUPT = 4;

const CONFIG = {
  schema: 'dualtone.config/1',
  audio: { input: 'tone:440', output: 'file:/run/heard.wav' },
  accounts: [],
};
const DATA = ['--data', '/run/data'];

/** Row and column of digits on the expander. */
const DIGITS = {
  '1': ['a0', 'b0'],
  '2': ['a0', 'b1'],
  '7': ['a2', 'b0'],
} as const satisfies Record<string, readonly [Pin, Pin]>;

export class DeskPhone {
  readonly puppet: Puppet;

  private constructor(puppet: Puppet) {
    this.puppet = puppet;
  }

  /** @param limit ms for all that the guest does. */
  static async start(kernel: string, limit: number): Promise<DeskPhone> {
    const modules = [`${labModule()} bus=1 pwm=fe20c000.pwm`];
    const puppet = new Puppet({ kernel, limit, modules, megabytes: 512 });
    await puppet.does('makeChip', LABEL, 58);
    await puppet.does('pull', LABEL, HOOK, 1);
    await puppet.does('wireInterrupt', 'a', LABEL, INTERRUPT);
    await puppet.does('write', '/run/config.json', JSON.stringify(CONFIG));
    const board = ['--board', 'hal/boards/desk-mcp-lcd.json'];
    const run = ['firmware/main.ts', 'run', '--config', '/run/config.json', '--http', 'off'];
    await puppet.does('start', 'phone', [...run, ...DATA, ...board]);
    return new DeskPhone(puppet);
  }

  async hook(state: 'on' | 'off'): Promise<void> {
    await this.puppet.does('pull', LABEL, HOOK, state === 'on' ? 1 : 0);
  }

  async press(digit: keyof typeof DIGITS): Promise<void> {
    const [row, column] = DIGITS[digit];
    await this.puppet.does('pressExpander', row, column);
    await sleep(150);
    await this.puppet.does('releaseExpander', row, column);
    await sleep(150);
  }

  /** The rows of its display, once they show this. */
  showing(what: RegExp): Promise<readonly string[]> {
    return this.#until(`the display shows ${what}`, async () => {
      const rows = await this.puppet.does('characters');
      return what.test(rows.join('\n')) && rows;
    });
  }

  /** Once this part is in this state. */
  partIs(part: string, state: PartStatus['state']): Promise<PartStatus> {
    return this.#until(`${part} is ${state}`, async () => {
      const words = ['firmware/main.ts', 'status', '--json', ...DATA].join(' ');
      const text = await this.puppet.does('shell', `${process.execPath} --no-warnings ${words}`);
      const { hardware }: { readonly hardware: readonly PartStatus[] } = JSON.parse(text);
      return hardware.find((each) => each.part === part && each.state === state);
    });
  }

  /** Its exit status. */
  async end(): Promise<number | string> {
    const status = await this.puppet.does('end', 'phone', 'SIGTERM');
    await this.puppet.leave();
    return status;
  }

  #until<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
    return until(what, probe, 20_000, () => this.puppet.guest.printed);
  }
}
