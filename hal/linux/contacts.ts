/**
 * Inputs of a board that are contacts: their edges as they come, and a look at all of them twice a second, by which an
 * edge that was lost heals.
 */
import { type HalError, halErrorOf } from './error.ts';
import type { GpioLineConfig, GpioLines } from './gpio/types.ts';
import type { Drivers, PartEvents } from './part.ts';

/** Of the profile, `contactKeys` of its schema. */
export interface ContactProfile {
  readonly line: number;
  readonly active: 'low' | 'high';
  readonly bias?: 'pull-up' | 'pull-down' | 'off' | undefined;
}

export interface Contacts {
  readonly notes: readonly string[];
  close(): void;
}

/** ms between two looks. */
const LOOK = 500;

/** An input whose level 1 is a closed contact. Without a bias in the profile it is pulled against the contact. */
export function contactLine({ line, active, bias }: ContactProfile): GpioLineConfig {
  return {
    offset: line,
    direction: 'in',
    activeLow: active === 'low',
    bias: bias ?? (active === 'low' ? 'pull-up' : 'pull-down'),
    edges: true,
  };
}

/**
 * Takes the lines of these contacts and tells every level: first as it is, then after each edge and at each look.
 * Rejects with a HalError; what fails later is told to `events`.
 *
 * @param told `at` is ms of `timing`
 */
export async function watchContacts<Name extends string>(
  drivers: Drivers,
  events: Pick<PartEvents, 'failed'>,
  consumer: string,
  contacts: Readonly<Record<Name, ContactProfile>>,
  told: (name: Name, closed: boolean, at: number) => void,
): Promise<Contacts> {
  const names = new Map<number, Name>();
  for (const name in contacts) names.set(contacts[name].line, name);
  const lines = await drivers.lines(
    Object.values<ContactProfile>(contacts).map((contact) => contactLine(contact)),
    consumer,
  );
  return new WatchedContacts(lines, drivers, events, (offset, closed, at) => {
    const name = names.get(offset);
    if (name !== undefined) told(name, closed, at);
  });
}

class WatchedContacts implements Contacts {
  readonly notes: readonly string[];
  readonly #lines: GpioLines;
  readonly #drivers: Drivers;
  readonly #events: Pick<PartEvents, 'failed'>;
  readonly #told: (offset: number, closed: boolean, at: number) => void;
  #callOff = () => {};
  #open = true;

  constructor(
    lines: GpioLines,
    drivers: Drivers,
    events: Pick<PartEvents, 'failed'>,
    told: (offset: number, closed: boolean, at: number) => void,
  ) {
    this.#lines = lines;
    this.notes = lines.notes;
    this.#drivers = drivers;
    this.#events = events;
    this.#told = told;
    lines.onEdges((edges) => {
      for (const { offset, level, at } of edges) if (this.#open) told(offset, level === 1, at);
    });
    lines.onLost((error) => this.#fail(error));
    this.#look();
  }

  close(): void {
    this.#open = false;
    this.#callOff();
    this.#lines.close();
  }

  #look(): void {
    if (!this.#open) return;
    const { timing } = this.#drivers;
    try {
      const levels = this.#lines.read();
      for (const [offset, level] of levels) this.#told(offset, level === 1, timing.now());
      this.#callOff = timing.after(LOOK, () => this.#look());
    } catch (error) {
      this.#fail(halErrorOf(error, 'reading the lines'));
    }
  }

  #fail(error: HalError): void {
    if (!this.#open) return;
    this.close();
    this.#events.failed(error);
  }
}
