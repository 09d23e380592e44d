/**
 * A telephone of real parts on modelled wires: the profile says where its parts are, the stand has hands for them. A
 * clock that jumps drives it all.
 */
import type { LinuxBoard, PartKind, PartProfile, ProfileOf } from '#hal/boards/schema.ts';
import type { ContactProfile } from '#hal/linux/contacts.ts';
import { HalError } from '#hal/linux/error.ts';
import { LinuxHandset } from '#hal/linux/handset.ts';
import type { Guard, PwmLine, Timing } from '#hal/linux/part.ts';
import type { PwmOutput, Wave } from '#hal/linux/pwm.ts';
import type { KeyName } from '#hal/parts/key_names.ts';
import { type LineTimings, lineTimingsOf } from '#hal/parts/line_timings.ts';
import { type Digit, pulsesOf } from '#hal/parts/pulse_coding.ts';
import type { HalEvent, PartStatus } from '#hal/types.ts';
import { GpioModel } from './models/gpio_lines.ts';
import { I2cModelBus } from './models/i2c_model_bus.ts';
import { JumpingTiming } from './models/jumping_timing.ts';
import { Mcp23017Model } from './models/mcp23017_matrix.ts';
import { Hd44780Model } from './models/pcf8574_hd44780.ts';
import { Sh1106Model } from './models/sh1106.ts';
import { Ssd1306Model } from './models/ssd1306.ts';

/** What who watches over an output was told. */
export interface Watched {
  readonly at: number;
  readonly output: string;
  /** ms; absent: the output is off. */
  readonly limit?: number;
}

/** What a PWM output was told. */
export interface Swing {
  readonly at: number;
  /** Absent: it was stopped. */
  readonly wave?: Wave;
  readonly limit?: number;
}

export class BoardStand {
  readonly timing = new JumpingTiming();
  readonly board: LinuxBoard;
  readonly gpio: GpioModel;
  readonly handset: LinuxHandset;
  readonly events: HalEvent[] = [];
  readonly swings: Swing[] = [];
  readonly watched: Watched[] = [];
  /** Outputs that are on, by what puts them to rest. */
  readonly #on = new Map<() => void, (error: HalError) => void>();
  /** With a device for each address of the profile. */
  readonly bus: I2cModelBus;
  readonly expander = new Mcp23017Model();
  readonly clock: Timing = {
    now: () => this.timing.now(),
    after: (ms, action) => this.timing.after(ms, action),
    pause: () => {},
  };
  readonly country: LineTimings;
  /** Where PWM is not. */
  hasPwm = true;
  /** The buses never close. */
  isStuck = false;

  constructor(board: LinuxBoard, country = 'NL') {
    this.board = board;
    this.country = lineTimingsOf(country);
    this.gpio = new GpioModel(this.timing, board.gpio.chip);
    this.bus = new I2cModelBus(this.timing);
    for (const part of board.parts) this.#attach(part);
    this.handset = new LinuxHandset({
      board,
      country,
      rest: async () => {},
      drivers: {
        lines: (lines, consumer) => this.gpio.request(board.gpio.chip, lines, consumer),
        gpio: this.gpio.name,
        i2c: async () => this.bus,
        pwm: (place, failed) => this.#pwm(place, failed),
        guard: async (lines, offsets, failed) => {
          const rest = () => lines.write(new Map(offsets.map((offset) => [offset, 0])));
          return this.#guard(`line ${offsets.join()}`, rest, failed);
        },
        timing: this.clock,
        country: this.country,
        close: () => (this.isStuck ? new Promise(() => {}) : Promise.resolve()),
      },
    });
  }

  /** Starts it, with the handset on its hook; what it says at the start is in `events`. */
  async start(): Promise<void> {
    for (const { line } of this.#contactsAtRest) this.gpio.join(line, 'ground');
    await this.timing.until(this.handset.start((event) => this.events.push(event)));
    await this.timing.run(200);
  }

  async stop(): Promise<void> {
    await this.timing.until(this.handset.stop());
  }

  run(ms: number): Promise<void> {
    return this.timing.run(ms);
  }

  /** Events since the last time, without those of parts. */
  heard(): readonly HalEvent[] {
    return this.events.splice(0).filter(({ kind }) => kind !== 'part');
  }

  /** Statuses that were told since the last time; other events are kept. */
  told(): readonly PartStatus[] {
    const all = this.events.splice(0);
    this.events.push(...all.filter(({ kind }) => kind !== 'part'));
    return all.flatMap((event) => (event.kind === 'part' ? [event.status] : []));
  }

  status(part: string): PartStatus | undefined {
    return this.handset.parts().find((status) => status.part === part);
  }

  part<Kind extends PartKind>(kind: Kind): ProfileOf<Kind> {
    const part = this.board.parts.find((each): each is ProfileOf<Kind> => each.kind === kind);
    if (part === undefined) throw new Error(`${this.board.name} has no ${kind}`);
    return part;
  }

  has(kind: PartKind): boolean {
    return this.board.parts.some((part) => part.kind === kind);
  }

  /** A hook switch, or a telephone on a line. */
  get hasHook(): boolean {
    return this.has('hook') || this.has('line-interface');
  }

  async lift(): Promise<void> {
    await this.#hook('off', 100);
  }

  /** Puts the handset down and waits for longer than a flash. */
  async putDown(): Promise<void> {
    await this.#hook('on', 1500);
  }

  async flash(ms = 100): Promise<void> {
    await this.#hook('on', ms);
    await this.#hook('off', 400);
  }

  #hook(state: 'on' | 'off', ms: number): Promise<void> {
    if (!this.has('hook')) return this.#close(this.part('line-interface').shk, state === 'off', ms);
    const hook = this.part('hook');
    return this.#close(hook, (state === 'off') === (hook.offHook === 'closed'), ms);
  }

  /** Presses a key of keypad or single keys for 100 ms. Throws when the board has none of that name. */
  async press(key: KeyName): Promise<void> {
    await this.hold(key, true);
    await this.run(100);
    await this.hold(key, false);
    await this.run(100);
  }

  async hold(key: KeyName, down: boolean): Promise<void> {
    const pins = this.#pinsOf(key);
    if (pins === undefined) this.gpio.join(...this.#placeOf(key), down);
    else if (down) this.expander.press(...pins);
    else this.expander.release(...pins);
    await this.run(60);
  }

  /** Keys of the board, top first. */
  get keys(): readonly KeyName[] {
    return this.board.parts.flatMap((part) => {
      if (part.kind === 'keys') return part.keys.map(({ key }) => key);
      if (part.kind === 'keypad') return part.keys.flat().filter((key) => key !== null);
      if (part.kind !== 'keypad-mcp23017') return [];
      return [...part.keys.flat().filter((key) => key !== null), ...part.single.map(({ key }) => key)];
    });
  }

  /** Winds a dial up and lets it go: ten pulses a second. */
  async dial(digit: Digit): Promise<void> {
    const { pulse, offNormal, coding } = this.part('dial');
    const count = pulsesOf(digit, coding ?? lineTimingsOf('NL').coding);
    if (offNormal) await this.#close(offNormal, offNormal.contact === 'normally-open', 400);
    for (let n = 0; n < count; n++) {
      await this.#close(pulse, pulse.contact === 'normally-open', 60);
      await this.#close(pulse, pulse.contact === 'normally-closed', 40);
    }
    if (offNormal) await this.#close(offNormal, offNormal.contact === 'normally-closed', 0);
    await this.run(600);
  }

  /** One detent; 1 is clockwise. */
  async turn(step: 1 | -1): Promise<void> {
    const { a, b } = this.part('encoder');
    const [first, second] = step === 1 ? [a, b] : [b, a];
    await this.#close(first, true, 5);
    await this.#close(second, true, 5);
    await this.#close(first, false, 5);
    await this.#close(second, false, 5);
  }

  async plugHeadset(plugged: boolean): Promise<void> {
    const headset = this.part('headset');
    await this.#close(headset, plugged === (headset.plugged === 'closed'), 300);
  }

  async #close({ line, active }: ContactProfile, closed: boolean, ms: number): Promise<void> {
    this.gpio.join(line, active === 'low' ? 'ground' : 'supply', closed);
    await this.run(ms);
  }

  #attach(part: PartProfile): void {
    if (part.kind === 'display-hd44780') {
      this.bus.attach(part.address, new Hd44780Model(part.columns, part.lines));
    } else if (part.kind === 'display-ssd1306') {
      const Model = part.controller === 'ssd1306' ? Ssd1306Model : Sh1106Model;
      this.bus.attach(part.address, new Model(part.width, part.height));
    } else if (part.kind === 'keypad-mcp23017') {
      const { address, interrupt } = part;
      this.bus.attach(address, this.expander);
      if (interrupt !== undefined)
        this.expander.onInterrupt = (high) => this.gpio.join(interrupt, 'ground', !high);
    }
  }

  /** Pins of the expander that this key joins. */
  #pinsOf(key: KeyName): readonly [string, string] | undefined {
    const part = this.board.parts.find((each) => each.kind === 'keypad-mcp23017');
    const single = part?.single.find((each) => each.key === key);
    if (single !== undefined) return [single.pin, 'GND'];
    const row = part?.keys.findIndex((keys) => keys.includes(key)) ?? -1;
    const [rowPin, columnPin] = [part?.rows[row], part?.columns[part.keys[row]?.indexOf(key) ?? -1]];
    return rowPin === undefined || columnPin === undefined ? undefined : [rowPin, columnPin];
  }

  #placeOf(key: KeyName): readonly [number, number | 'ground' | 'supply'] {
    for (const part of this.board.parts) {
      if (part.kind === 'keys') {
        const found = part.keys.find((each) => each.key === key);
        if (found) return [found.line, found.active === 'low' ? 'ground' : 'supply'];
      }
      if (part.kind !== 'keypad') continue;
      const row = part.keys.findIndex((keys) => keys.includes(key));
      const column = part.keys[row]?.indexOf(key) ?? -1;
      const [rowLine, columnLine] = [part.rows[row], part.columns[column]];
      if (rowLine !== undefined && columnLine !== undefined) return [rowLine, columnLine];
    }
    throw new Error(`${this.board.name} has no key ${key}`);
  }

  /** Contacts that are closed while nobody touches the telephone. */
  get #contactsAtRest(): readonly ContactProfile[] {
    return this.board.parts.flatMap((part): ContactProfile[] => {
      if (part.kind === 'hook') return part.offHook === 'open' ? [part] : [];
      if (part.kind !== 'dial') return [];
      return [part.pulse, part.offNormal].filter(
        (contact) => contact !== undefined && contact.contact === 'normally-closed',
      ) as ContactProfile[];
    });
  }

  /** The telephone has stood still for a second: what is on goes to rest, and is told. */
  stall(): void {
    for (const [rest, failed] of [...this.#on]) {
      rest();
      failed(new HalError('BUSY', 'put to rest: the telephone stood still'));
    }
  }

  #guard(output: string, rest: () => void, failed: (error: HalError) => void): Guard {
    let callOff = () => {};
    const off = () => {
      callOff();
      if (!this.#on.delete(rest)) return;
      this.watched.push({ at: this.timing.now(), output });
    };
    return {
      on: (limit) => {
        callOff();
        if (limit !== Number.POSITIVE_INFINITY) callOff = this.timing.after(limit, rest);
        this.#on.set(rest, failed);
        this.watched.push({ at: this.timing.now(), output, limit });
      },
      off,
      close: async () => off(),
    };
  }

  async #pwm(
    place: PwmLine | { readonly chip: readonly string[] },
    failed: (error: HalError) => void,
  ): Promise<PwmOutput> {
    const bySysfs = !('lines' in place);
    if (bySysfs && !this.hasPwm) throw new HalError('ABSENT', 'no PWM chip is called so');
    const rest = () => {
      if (this.swings.at(-1)?.wave !== undefined) this.swings.push({ at: this.timing.now() });
    };
    const guard = this.#guard('PWM', rest, failed);
    return {
      driver: bySysfs ? 'sysfs PWM' : 'toggled line',
      start: (wave, limit) => {
        if (!bySysfs) place.lines.read();
        if (limit < Number.POSITIVE_INFINITY) guard.on(limit);
        else guard.off();
        this.swings.push({ at: this.timing.now(), wave, limit });
      },
      stop: () => {
        rest();
        guard.off();
      },
      jitter: () => undefined,
      close: () => guard.close(),
    };
  }
}
