/** What comes into force together: the layers of a drop file and of servers, under a name made of their content. */
import { createHash } from 'node:crypto';
import { mergeLayers } from './layers.ts';
import type { Generation } from './lifecycle/types.ts';
import { isMapping } from './schema_shape.ts';
import type { Layer, Origin } from './types.ts';

/** A layer as it was received. */
export interface ReceivedLayer extends Layer {
  /** ISO 8601; absent where the clock was not set. */
  readonly time?: string;
  /** Of HTTP (RFC 9110 8.8): sent back to ask whether there is something new. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Origins of which a generation consists; the others belong to the telephone or to the person in front of it. */
export const OFFERED: readonly Origin[] = ['drop file', 'server common', 'server device'];

/**
 * The layers of the next generation: what is offered replaces what there was of the same side, a drop file that of drop
 * files, a server that of servers.
 */
export function nextLayers(
  current: readonly ReceivedLayer[],
  offered: readonly ReceivedLayer[],
): readonly ReceivedLayer[] {
  const isOfServer = ({ origin }: Layer) => origin !== 'drop file';
  const sides = new Set(offered.map(isOfServer));
  return [...current.filter((layer) => !sides.has(isOfServer(layer))), ...offered];
}

/**
 * How the lifecycle knows these layers. `base`: the layers that are there in any case; `server`: the name or key of the
 * server that the layers of servers are from.
 */
export function generationOf(
  layers: readonly Layer[],
  base: readonly Layer[],
  server: string | undefined,
): Generation {
  const { config } = mergeLayers([...base, ...layers]);
  const ofServer = layers.filter(({ origin }) => origin !== 'drop file');
  const { version } = mergeLayers(server === undefined ? layers : ofServer).config;
  return {
    id: generationId(layers),
    ...(server === undefined ? {} : { server }),
    ...(version === undefined ? {} : { version }),
    accounts: config.accounts.length,
  };
}

/** SHA-256 in hexadecimal of what the layers say, whatever the order of their keys. */
export function generationId(layers: readonly Layer[]): string {
  const said = layers.map(({ origin, value }) => [origin, sorted(value)]);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
