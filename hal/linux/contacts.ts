/**
 * Inputs of a board that are contacts: their edges as they come, and a look at all of them twice a second, by which an
 * edge that was lost heals.
 */
import type { GpioLineConfig, GpioLines } from './gpio/types.ts';
import type { Drivers, PartEvents, Timing } from './part.ts';
import { RequestInUse } from './request_in_use.ts';

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
  readonly #request: RequestInUse;
  readonly #timing: Timing;
  readonly #told: (offset: number, closed: boolean, at: number) => void;

  constructor(
    lines: GpioLines,
    { timing }: Drivers,
    events: Pick<PartEvents, 'failed'>,
    told: (offset: number, closed: boolean, at: number) => void,
  ) {
    this.#lines = lines;
    this.notes = lines.notes;
    this.#request = new RequestInUse(lines, timing, events, 'reading the lines');
    this.#timing = timing;
    this.#told = told;
    lines.onEdges((edges) => {
      for (const { offset, level, at } of edges) if (this.#request.open) told(offset, level === 1, at);
    });
    this.#look();
  }

  close(): void {
    this.#request.close();
  }

  #look(): void {
    this.#request.attempt(() => {
      for (const [offset, level] of this.#lines.read()) this.#told(offset, level === 1, this.#timing.now());
      this.#request.after(LOOK, () => this.#look());
    });
  }
}
