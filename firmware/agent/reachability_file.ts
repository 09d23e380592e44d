/**
 * Keeps what was learnt of servers and families across restarts, in the data directory. A file that cannot be read costs what was
 * learnt and nothing else; one is written only when there is something new, since flash wears out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from '#address/endpoint.ts';
import type { DestinationState, PreferenceState } from '#address/preference_memory.ts';
import type { ReachabilityState } from '#sip/request/reachability.ts';
import { writeWhole } from './whole_file.ts';

const FILE = 'reachability.json';

export class ReachabilityFile {
  readonly #path: string;
  readonly #warn: (text: string) => void;
  #kept = '';

  /** `data`: the data directory. */
  constructor(data: string, warn: (text: string) => void) {
    this.#path = join(data, FILE);
    this.#warn = warn;
  }

  /** What was kept last; undefined: nothing, or nothing that can be read. */
  read(): ReachabilityState | undefined {
    try {
      const text = readFileSync(this.#path, 'utf8');
      const state = stateOf(JSON.parse(text));
      if (state === undefined) throw new Error('it has another form');
      this.#kept = text;
      return state;
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#warn(`${this.#path} is not used: ${wordsOf(error)}`);
      return undefined;
    }
  }

  keep(state: ReachabilityState): void {
    const text = `${JSON.stringify(state)}\n`;
    if (text === this.#kept) return;
    try {
      writeWhole(this.#path, text);
      this.#kept = text;
    } catch (error) {
      this.#warn(`cannot keep what was learnt of servers: ${wordsOf(error)}`);
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stateOf(value: unknown): ReachabilityState | undefined {
  if (!isRecord(value) || !isTexts(value.proven) || !isTexts(value.dead)) return undefined;
  const families = familiesOf(value.families);
  return families === undefined ? undefined : { families, proven: value.proven, dead: value.dead };
}

function familiesOf(value: unknown): PreferenceState | undefined {
  if (!isRecord(value) || typeof value.attachment !== 'string' || !Array.isArray(value.destinations))
    return undefined;
  const destinations = value.destinations.map(destinationOf);
  const good = destinations.filter((each) => each !== undefined);
  return good.length === destinations.length
    ? { attachment: value.attachment, destinations: good }
    : undefined;
}

function destinationOf(value: unknown): DestinationState | undefined {
  if (!isRecord(value)) return undefined;
  const { attachment, destination, p, failing = [], before = p, ignoresOptions = false, winner } = value;
  if (typeof attachment !== 'string' || typeof destination !== 'string') return undefined;
  if (!isWeight(p) || !isWeight(before) || typeof ignoresOptions !== 'boolean') return undefined;
  if (!Array.isArray(failing) || !failing.every(isFamily)) return undefined;
  if (winner !== undefined && !isFamily(winner)) return undefined;
  return {
    attachment,
    destination,
    p,
    ...(failing.length === 0 ? {} : { failing, before }),
    ...(ignoresOptions ? { ignoresOptions } : {}),
    ...(winner === undefined ? {} : { winner }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function isFamily(value: unknown): value is Family {
  return value === 4 || value === 6;
}
