/** Where each effective value comes from, and what lower layers said. Secrets are masked. */
import type { Merged } from './layers.ts';
import { pointerOf } from './locks.ts';
import { masked } from './mask.ts';
import { configSchema, defaultConfig } from './schema.ts';
import { entriesOf, type Schema } from './schema_shape.ts';
import type { Origin } from './types.ts';
import { keysOf, pointer, valueAt } from './walk.ts';

/** What one layer said of one place. */
export interface Said {
  readonly origin: Origin;
  /** File or URL. */
  readonly from: string;
  /** null: takes back what the same origin said before. */
  readonly value: unknown;
}

/** All that is known of one place; a place is what a layer replaces as a whole. Goes over the control socket as JSON. */
export interface Place {
  /** JSON pointer. */
  readonly at: string;
  /** The effective value; absent: none. */
  readonly value?: unknown;
  /** Highest layer first; the schema's own default is the last. */
  readonly said: readonly Said[];
}

export interface Explanation extends Place {
  /** Where the effective value comes from; absent: there is none. */
  readonly by?: Said;
  /** What the layers below it said. */
  readonly lower: readonly Said[];
}

/** What `from` says of values that nobody stated. */
export const DEFAULTS = 'defaults';

/** Every place of the schema, in its order. */
export function placesOf({ config, statements }: Merged): readonly Place[] {
  const defaults = defaultConfig();
  return leavesOf(configSchema, []).map((path) => {
    const at = pointer(path);
    const show = (value: unknown) => masked(value, path.at(-1));
    const preset = valueAt(defaults, path);
    const said = statements
      .filter((statement) => statement.at === at)
      .map(({ origin, from, value }): Said => ({ origin, from, value: show(value) }));
    const factory: Said[] =
      preset === undefined ? [] : [{ origin: 'factory', from: DEFAULTS, value: show(preset) }];
    const value = show(valueAt(config, path));
    return { at, ...(value === undefined ? {} : { value }), said: [...factory, ...said].reverse() };
  });
}

/**
 * Explains `key` (`dial.map`, `/dial/map`, `accounts.0.user`): one explanation, or one of each place below it. Empty:
 * there is no such key.
 */
export function explain(places: readonly Place[], key: string): readonly Explanation[] {
  const asked = pointerOf(key);
  const around = places.find(({ at }) => asked.startsWith(`${at}/`));
  if (around !== undefined) return partOf(around, asked);
  return places.filter(({ at }) => at === asked || at.startsWith(`${asked}/`)).map(explained);
}

function explained(place: Place): Explanation {
  const by = inForce(place.said);
  const lower = by === undefined ? [] : place.said.slice(place.said.indexOf(by) + 1);
  return { ...place, ...(by === undefined ? {} : { by }), lower };
}

/** The highest that is neither null nor taken back by a null of its own origin. */
function inForce(said: readonly Said[]): Said | undefined {
  const taken = new Set<string>();
  return said.find(({ origin, from, value }) => {
    if (value === null) taken.add(origin);
    return value !== null && (from === DEFAULTS || !taken.has(origin));
  });
}

/** A part of a list: what the whole says of it. What the whole leaves open is the schema's to fill in. */
function partOf(whole: Place, asked: string): readonly Explanation[] {
  const path = keysOf(asked.slice(whole.at.length));
  const value = valueAt(whole.value, path);
  if (value === undefined) return [];
  const { by, lower } = explained(whole);
  const stated = by === undefined ? undefined : valueAt(by.value, path);
  const below = lower.map((said) => ({ ...said, value: valueAt(said.value, path) }));
  return [
    {
      at: asked,
      value,
      said: [],
      by:
        by !== undefined && stated !== undefined
          ? { ...by, value: stated }
          : { origin: 'factory', from: DEFAULTS, value },
      lower: below.filter((said) => said.value !== undefined),
    },
  ];
}

function leavesOf(schema: Schema, path: readonly string[]): readonly (readonly string[])[] {
  const entries = entriesOf(schema);
  if (entries === undefined) return [path];
  return Object.entries(entries).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
