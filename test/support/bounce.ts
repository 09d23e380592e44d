/**
 * Traces of switch contacts as they really are: each movement bounces for 0 to 15 ms with up to 20 edges. Seeded, so
 * that every run sees the same; and a player that drives a machine through a trace with a clock that jumps.
 */

export interface Edge {
  /** ms. */
  readonly at: number;
  readonly closed: boolean;
}

export type Random = () => number;

const LONGEST = 15;
const MOST_EDGES = 20;
/** ms for which a contact lies still between two movements: else it would not have moved. */
const STILL = 0.5;

export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** A whole number, both ends included. */
export function among(random: Random, least: number, most: number): number {
  return Math.floor(between(random, least, most + 1));
}

/** Edges of one movement to `closed`, an odd number of them; the first at `at`, the last within `longest` ms. */
export function bounce(random: Random, at: number, closed: boolean, longest = LONGEST): Edge[] {
  return chatter(random, at, closed, 2 * among(random, 0, MOST_EDGES / 2 - 1) + 1, longest);
}

/** A contact that is shaken and stays where it was, at `rest`: an even number of edges. */
export function knock(random: Random, at: number, rest: boolean, longest = LONGEST): Edge[] {
  return chatter(random, at, !rest, 2 * among(random, 1, MOST_EDGES / 2), longest);
}

function chatter(random: Random, at: number, first: boolean, count: number, longest: number): Edge[] {
  const length = between(random, 0, Math.min(LONGEST, longest));
  const times = Array.from({ length: count - 1 }, () => at + random() * length).sort((a, b) => a - b);
  return [at, ...times].map((time, index) => ({ at: time, closed: index % 2 === 0 ? first : !first }));
}

/** The movements of a contact with the bounce of each, which is over before the next one begins. */
export function bounced(random: Random, movements: readonly Edge[]): Edge[] {
  return movements.flatMap(({ at, closed }, index) =>
    bounce(
      random,
      at,
      closed,
      Math.max(0, (movements[index + 1]?.at ?? Number.POSITIVE_INFINITY) - at - STILL),
    ),
  );
}

export interface Dialling {
  /** ms. */
  readonly at: number;
  readonly pulses: number;
  /** Pulses a second. */
  readonly rate: number;
  /** Share of a period in which the contact is open. */
  readonly open: number;
}

/** The movements of a pulse contact that is closed at rest. */
export function pulses({ at, pulses, rate, open }: Dialling): Edge[] {
  const period = 1000 / rate;
  return Array.from({ length: pulses }, (_, index) => [
    { at: at + index * period, closed: false },
    { at: at + (index + open) * period, closed: true },
  ]).flat();
}

/** What somebody sees who looks at the contact every `every` ms. */
export function looks(edges: readonly Edge[], every: number, until: number, first: boolean): Edge[] {
  const seen: Edge[] = [];
  let passed = 0;
  let closed = first;
  for (let at = 0; at <= until; at += every) {
    for (let edge = edges[passed]; edge && edge.at <= at; edge = edges[++passed]) closed = edge.closed;
    seen.push({ at, closed });
  }
  return seen;
}

export interface Timed<T> {
  /** ms. */
  readonly at: number;
  readonly value: T;
}

interface Tick {
  readonly kind: 'tick';
}

export interface Machine<I, E> {
  handle(input: I | Tick, now: number): readonly E[];
  readonly deadline: number;
}

/** ms by which a tick comes too late. */
export type Lateness = () => number;

/** Plays the inputs in the order of their times, and every deadline until `until`; tells what came of it, and when. */
export function play<I, E>(
  machine: Machine<I, E>,
  inputs: readonly Timed<I>[],
  until: number,
  late: Lateness = () => 0,
): Timed<E>[] {
  const events: Timed<E>[] = [];
  const give = (input: I | Tick, at: number) => {
    for (const value of machine.handle(input, at)) events.push({ at, value });
  };
  const tickUntil = (end: number) => {
    let stood = 0;
    for (let due = machine.deadline; due < end; due = machine.deadline) {
      const at = due + late();
      if (at >= end) return;
      give({ kind: 'tick' }, at);
      stood = machine.deadline <= due ? stood + 1 : 0;
      if (stood > 1000) throw new Error(`the deadline stands still at ${due}`);
    }
  };
  for (const { at, value } of inputs.toSorted((a, b) => a.at - b.at)) {
    tickUntil(at);
    give(value, at);
  }
  tickUntil(until);
  give({ kind: 'tick' }, until);
  return events;
}

/** Edges as inputs of a machine with one contact. */
export function levels(
  edges: readonly Edge[],
): Timed<{ readonly kind: 'level'; readonly closed: boolean }>[] {
  return edges.map(({ at, closed }) => ({ at, value: { kind: 'level', closed } }));
}

export function valuesOf<T>(timed: readonly Timed<T>[]): T[] {
  return timed.map(({ value }) => value);
}
