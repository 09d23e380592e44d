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
import type { GpioLineConfig, GpioLines, Level } from './gpio/types.ts';
import type { Drivers, OpenPart, Part, PartEvents } from './part.ts';
import type { PwmOutput } from './pwm.ts';

type Profile = ProfileOf<'line-interface'>;

const NAME = 'line-interface';
/** ms: a burst's F/R ends by itself should we be late, a line that is turned over lasts as long as a call may. */
const LIMIT = { burst: 50, reversed: 86_400_000 };

export const open: OpenPart<Profile> = async (profile, drivers, events) => {
  const outputs = await Outputs.open(profile, drivers);
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
    const { flash, coding, ringHertz, callerId } = drivers.country;
    const { debounce, burst, hertz, pd } = profile;
    this.#outputs = outputs;
    this.#events = events;
    const loop = { flashMin: flash.min, flashMax: flash.max, coding, ...(debounce && { debounce }) };
    const card = new LineCard({
      loop,
      ringHertz: hertz ?? ringHertz,
      longestBurst: burst,
      callerId,
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
  readonly #forwardReverse: PwmOutput;
  readonly #gpio: string;
  #set: LinePins['forwardReverse'] = false;

  /** Rejects with a HalError. */
  static async open(profile: Profile, drivers: Drivers): Promise<Outputs> {
    const { rm, pd, fr, pwm, hertz = drivers.country.ringHertz } = profile;
    const resting = [rm, ...(pd === undefined ? [] : [pd])].map(atRest);
    const channel = pwm === undefined ? undefined : await channelOf(pwm, drivers);
    const lines = await drivers.lines(
      channel === undefined ? [...resting, atRest(fr)] : resting,
      'line interface',
    );
    try {
      const swinging = channel ?? (await drivers.pwm({ lines, offset: fr }));
      return new Outputs(profile, hertz, lines, swinging, drivers.gpio);
    } catch (error) {
      lines.close();
      throw error;
    }
  }

  constructor(profile: Profile, hertz: number, lines: GpioLines, forwardReverse: PwmOutput, gpio: string) {
    this.#profile = profile;
    this.#hertz = hertz;
    this.#lines = lines;
    this.#forwardReverse = forwardReverse;
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
        this.#forwardReverse.start(wave, alternating ? burst + LIMIT.burst : LIMIT.reversed);
      }
    }
    const levels = new Map<number, Level>([[rm, ringMode ? 1 : 0]]);
    if (pd !== undefined) levels.set(pd, powerDown ? 1 : 0);
    this.#lines.write(levels);
  }

  /** Each output to rest, whatever becomes of the others. */
  async close(): Promise<void> {
    for (const action of [
      () => this.#lines.write(new Map([[this.#profile.rm, 0]])),
      () => this.#forwardReverse.stop(),
      () => this.#forwardReverse.close(),
      () => this.#lines.close(),
    ]) {
      try {
        await action();
      } catch {}
    }
  }
}

/** Undefined: the chip has no such channel, or PWM is switched off, and the line is toggled. */
async function channelOf(pwm: NonNullable<Profile['pwm']>, drivers: Drivers): Promise<PwmOutput | undefined> {
  try {
    return await drivers.pwm(pwm);
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

function atRest(offset: number): GpioLineConfig {
  return { offset, direction: 'out', value: 0 };
}
