/**
 * A line interface module (AG1170, AG1171, KS0835F): SHK in, RM and PD out, F/R by a channel of the chip's PWM or by a
 * thread that toggles its line. The line's card (parts/line_card.ts) decides, here its pins become levels.
 */
import type { ProfileOf } from '../boards/schema.ts';
import { LineCard, type LineCardEvent, type LineCardInput, type LinePins } from '../parts/line_card.ts';
import type { HalCommand } from '../types.ts';
import { Clockwork } from './clockwork.ts';
import { type Contacts, watchContacts } from './contacts.ts';
import { HalError, halErrorOf } from './error.ts';
import type { GpioLines, Level } from './gpio/types.ts';
import { LATE, takeOutputs } from './outputs.ts';
import type { Drivers, Guard, OpenPart, Part, PartEvents } from './part.ts';
import type { PwmOutput } from './pwm.ts';

type Profile = ProfileOf<'line-interface'>;

const NAME = 'line-interface';

export const open: OpenPart<Profile> = async (profile, drivers, events) => {
  const outputs = await Outputs.open(profile, drivers, events);
  try {
    return await LineInterface.open(profile, outputs, drivers, events);
  } catch (error) {
    await outputs.close();
    throw error;
  }
};

class LineInterface implements Part {
  readonly name = NAME;
  readonly #outputs: Outputs;
  readonly #events: PartEvents;
  readonly #clockwork: Clockwork<LineCardInput, LineCardEvent>;
  #contacts: Contacts | undefined;
  #closing: Promise<void> | undefined;

  static async open(profile: Profile, outputs: Outputs, drivers: Drivers, events: PartEvents): Promise<Part> {
    const part = new LineInterface(profile, outputs, drivers, events);
    part.#contacts = await watchContacts(drivers, events, NAME, { shk: profile.shk }, (_, closed, at) =>
      part.#clockwork.give({ kind: 'level', closed }, at),
    );
    return part;
  }

  constructor(profile: Profile, outputs: Outputs, drivers: Drivers, events: PartEvents) {
    const { country } = drivers;
    const { debounce, burst, pd, hertz = country.ringHertz } = profile;
    const { flash = country.flash, coding = country.coding, callerId = country.callerId } = profile;
    this.#outputs = outputs;
    this.#events = events;
    const loop = { flashMin: flash.min, flashMax: flash.max, coding, ...(debounce && { debounce }) };
    const card = new LineCard({
      loop,
      ringHertz: hertz,
      longestBurst: burst,
      callerId: callerId === 'off' ? undefined : callerId,
      powerDown: pd !== undefined,
    });
    this.#clockwork = new Clockwork(card, drivers.timing, (event) => this.#tell(event));
  }

  perform(command: HalCommand): void {
    const input = inputOf(command);
    if (input !== undefined) this.#clockwork.give(input);
  }

  status() {
    const { driver, notes } = this.#outputs;
    const all = [...(this.#contacts?.notes ?? []), ...notes];
    return { part: NAME, state: 'ok', driver, note: all.join('; ') } as const;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#clockwork.stop();
    this.#contacts?.close();
    await this.#outputs.close();
  }

  #tell(event: LineCardEvent): void {
    if (event.kind === 'digit') {
      for (const down of [true, false]) this.#events.emit({ kind: 'key', key: event.digit, down });
    } else if (event.kind === 'pins') this.#set(event.pins);
    else if (event.kind !== 'misdialled') this.#events.emit(event);
  }

  #set(pins: LinePins): void {
    try {
      this.#outputs.set(pins);
    } catch (error) {
      this.#events.failed(halErrorOf(error, NAME));
    }
  }
}

/** The module's inputs. */
class Outputs {
  readonly #profile: Profile;
  readonly #hertz: number;
  readonly #lines: GpioLines;
  readonly #guard: Guard;
  readonly #forwardReverse: PwmOutput;
  readonly #gpio: string;
  #set: LinePins['forwardReverse'] = false;
  #rings = false;

  /** Rejects with a HalError. */
  static async open(profile: Profile, drivers: Drivers, events: PartEvents): Promise<Outputs> {
    const { rm, pd, fr, pwm } = profile;
    const opened: (() => unknown)[] = [];
    try {
      const channel = pwm && (await channelOf(pwm, drivers, events));
      if (channel !== undefined) opened.unshift(() => channel.close());
      const offsets = [rm, ...(pd === undefined ? [] : [pd]), ...(channel === undefined ? [fr] : [])];
      const outputs = offsets.map((line) => ({ line }));
      const lines = await takeOutputs(outputs, drivers, events, 'line interface');
      opened.unshift(() => lines.close());
      const guard = await drivers.guard(lines, [rm], events.failed);
      opened.unshift(() => guard.close());
      const swinging = channel ?? (await drivers.pwm({ lines, offset: fr }, events.failed));
      return new Outputs(profile, drivers, { lines, guard, swinging });
    } catch (error) {
      for (const close of opened) await close();
      throw error;
    }
  }

  constructor(
    profile: Profile,
    { country, gpio }: Drivers,
    opened: { readonly lines: GpioLines; readonly guard: Guard; readonly swinging: PwmOutput },
  ) {
    this.#profile = profile;
    this.#hertz = profile.hertz ?? country.ringHertz;
    this.#lines = opened.lines;
    this.#guard = opened.guard;
    this.#forwardReverse = opened.swinging;
    this.#gpio = gpio;
  }

  get driver(): string {
    return `${this.#profile.module} by ${this.#gpio}, F/R by ${this.#forwardReverse.driver}`;
  }

  get notes(): readonly string[] {
    const jitter = this.#forwardReverse.jitter();
    if (jitter === undefined || jitter.edges === 0) return this.#lines.notes;
    const { mean, p99, most } = jitter;
    const late = [mean, p99, most].map((ms) => ms.toFixed(1)).join(', ');
    return [...this.#lines.notes, `F/R late by ${late} ms (mean, 99 of 100, most) in the last ring`];
  }

  /** Throws a HalError. */
  set({ ringMode, forwardReverse, powerDown }: LinePins): void {
    const { rm, pd, burst } = this.#profile;
    if (forwardReverse !== this.#set) {
      this.#set = forwardReverse;
      if (forwardReverse === false) this.#forwardReverse.stop();
      else {
        const alternating = forwardReverse === 'alternating';
        const wave = { frequency: this.#hertz, duty: alternating ? 0.5 : 1 };
        this.#forwardReverse.start(wave, alternating ? burst + LATE : Number.POSITIVE_INFINITY);
      }
    }
    if (ringMode && !this.#rings) this.#guard.on(burst + LATE);
    const levels = new Map<number, Level>([[rm, ringMode ? 1 : 0]]);
    if (pd !== undefined) levels.set(pd, powerDown ? 1 : 0);
    this.#lines.write(levels);
    if (!ringMode) this.#guard.off();
    this.#rings = ringMode;
  }

  /** Each output to rest, whatever becomes of the others. */
  async close(): Promise<void> {
    for (const action of [
      () => this.#lines.write(new Map([[this.#profile.rm, 0]])),
      () => this.#forwardReverse.stop(),
      () => this.#forwardReverse.close(),
      () => this.#guard.close(),
      () => this.#lines.close(),
    ]) {
      try {
        await action();
      } catch {}
    }
  }
}

/** Undefined: the chip has no such channel, or PWM is switched off, and the line is toggled. */
async function channelOf(
  pwm: NonNullable<Profile['pwm']>,
  drivers: Drivers,
  events: PartEvents,
): Promise<PwmOutput | undefined> {
  try {
    return await drivers.pwm(pwm, events.failed);
  } catch (error) {
    if (error instanceof HalError && error.code === 'ABSENT') return undefined;
    throw error;
  }
}

function inputOf(command: HalCommand): LineCardInput | undefined {
  switch (command.kind) {
    case 'bell':
      return command.cadence === undefined
        ? { kind: 'stop' }
        : { kind: 'ring', cadence: command.cadence, caller: command.caller };
    case 'dialling':
    case 'polarity':
    case 'loop-break':
    case 'call-waiting':
      return command;
    default:
      return undefined;
  }
}
