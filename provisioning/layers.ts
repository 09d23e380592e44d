/**
 * The effective configuration: factory < board < drop file < server common < server device < local, each laid over the
 * ones before. Mappings that the schema knows merge key by key; lists (accounts too) and everything else replace.
 * `null` takes back what earlier layers of the same origin said. A layer with a wrong value is left out as a whole.
 */
import { lockedIn, withoutLocked } from './locks.ts';
import { type WithoutOwners, withoutOwners } from './owners.ts';
import { checkConfig } from './read.ts';
import { type Config, configSchema, defaultConfig } from './schema.ts';
import { entriesOf, isMapping, type Mapping, type Schema } from './schema_shape.ts';
import { type Layer, ORIGINS, type Origin } from './types.ts';
import { pointer, withoutNulls } from './walk.ts';

/** What a layer says at one place. */
export interface Statement {
  /** JSON pointer (RFC 6901) of a value that is replaced as a whole. */
  readonly at: string;
  readonly origin: Origin;
  readonly from: string;
  /** null: takes back what the same origin said before. */
  readonly value: unknown;
}

export interface RefusedLayer {
  readonly origin: Origin;
  readonly from: string;
  /** `/net/sipPort: expected a port number, got text`. */
  readonly error: string;
}

export interface Merged {
  readonly config: Config;
  /** Unknown keys, and local changes that are not in force, in words. */
  readonly warnings: readonly string[];
  readonly refused: readonly RefusedLayer[];
  /** All that the layers in force say, lowest first. */
  readonly statements: readonly Statement[];
}

interface Stack extends Merged {
  /** What each origin says, without nulls. */
  readonly said: ReadonlyMap<Origin, Mapping>;
}

/** Never throws. Layers of one origin count in the order given; the order of origins does not matter. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const sorted = ORIGINS.flatMap((origin) => layers.filter((layer) => layer.origin === origin));
  const { config, warnings, refused, statements } = sorted.reduce<Stack>(laidOver, {
    config: defaultConfig(),
    warnings: [],
    refused: [],
    statements: [],
    said: new Map(),
  });
  return { config, warnings, refused, statements };
}

function laidOver(stack: Stack, layer: Layer): Stack {
  const { origin, from } = layer;
  const alone = checkConfig(layer.value);
  if ('error' in alone) return refusing(stack, layer, alone.error);
  const { locked } = stack.config.provisioning;
  const { value, left } = inForce(layer, locked);
  const said = new Map(stack.said).set(origin, overlaid(configSchema, stack.said.get(origin) ?? {}, value));
  const whole = checkConfig(
    ORIGINS.reduce<Mapping>((low, each) => overlaid(configSchema, low, said.get(each) ?? {}), {}),
  );
  if ('error' in whole) return refusing(stack, layer, whole.error);
  const dropped = origin === 'local' ? lockedIn(statementsOf(layer), locked) : [];
  return {
    config: whole.config,
    warnings: [
      ...stack.warnings,
      ...alone.warnings.map((text) => `${text} (${from})`),
      ...left.map((at) => `${at}: not for a server to say: left out (${from})`),
      ...dropped.map(({ at }) => `${at}: locked by the server: the change made here is not in force`),
    ],
    refused: stack.refused,
    statements: [...stack.statements, ...statementsOf({ ...layer, value })],
    said,
  };
}

/** Of a layer, what its origin may say; `left`: what it may not. */
function inForce({ origin, value }: Layer, locked: readonly string[]): WithoutOwners {
  if (origin === 'local') return { value: withoutLocked(value, locked), left: [] };
  return origin.startsWith('server') ? withoutOwners(value) : { value, left: [] };
}

function refusing(stack: Stack, { origin, from }: Layer, error: string): Stack {
  return { ...stack, refused: [...stack.refused, { origin, from, error }] };
}

/** `upper` over `lower`, known keys only; a null takes the key away. */
function overlaid(schema: Schema, lower: Mapping, upper: Mapping): Mapping {
  const keys = Object.entries(entriesOf(schema) ?? {});
  return Object.fromEntries(keys.flatMap(([key, inner]) => entryOf(key, inner, lower, upper)));
}

function entryOf(key: string, schema: Schema, lower: Mapping, upper: Mapping): readonly [string, unknown][] {
  const [below, above] = [ownValue(lower, key), ownValue(upper, key)];
  if (above === null) return [];
  if (above === undefined) return below === undefined ? [] : [[key, below]];
  if (entriesOf(schema) === undefined || !isMapping(above)) return [[key, withoutNulls(above)]];
  return [[key, overlaid(schema, isMapping(below) ? below : {}, above)]];
}

function ownValue(mapping: Mapping, key: string): unknown {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

/** What a layer says, place by place. */
export function statementsOf({ origin, from, value }: Layer): readonly Statement[] {
  return statedIn(configSchema, value, []).map(([at, said]) => ({ at, origin, from, value: said }));
}

function statedIn(schema: Schema, value: unknown, path: readonly string[]): readonly [string, unknown][] {
  const entries = entriesOf(schema);
  if (entries === undefined) return [[pointer(path), withoutNulls(value)]];
  // A null instead of a mapping takes back all of it.
  const told = (key: string) => (isMapping(value) ? ownValue(value, key) : value);
  return Object.entries(entries).flatMap(([key, inner]) =>
    told(key) === undefined ? [] : statedIn(inner, told(key), [...path, key]),
  );
}
