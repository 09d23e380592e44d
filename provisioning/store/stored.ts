/** The files of the store, as they are on the disk. What is read back is checked: a card may have gone bad meanwhile. */
import * as v from 'valibot';
import type { Standing } from '#provisioning/fetch/types.ts';
import { generationId, OFFERED, type ReceivedLayer } from '#provisioning/generation.ts';
import type { Kept } from '#provisioning/lifecycle/types.ts';
import { isMapping, type Mapping } from '#provisioning/schema_shape.ts';
import { STEPS } from '#provisioning/types.ts';

/** `state.json`: the pointer. Whatever else there is counts only because it is named here. */
export interface State {
  readonly kept: Kept;
  /** Who is pinned, and what is known of its files; absent: nobody is. */
  readonly standing?: Standing;
}

const generation = v.object({
  id: v.string(),
  server: v.exactOptional(v.string()),
  version: v.exactOptional(v.string()),
  accounts: v.number(),
});

const stateSchema = v.object({
  kept: v.object({
    inForce: generation,
    good: v.exactOptional(generation),
    trial: v.exactOptional(v.object({ starts: v.number() })),
    givenUp: v.array(
      v.object({
        id: v.string(),
        server: v.exactOptional(v.string()),
        version: v.exactOptional(v.string()),
        reason: v.string(),
      }),
    ),
  }),
  standing: v.exactOptional(
    v.object({
      pin: v.object({ host: v.string(), keys: v.array(v.string()) }),
      url: v.string(),
      step: v.picklist(STEPS),
      domain: v.exactOptional(v.string()),
      files: v.array(
        v.object({
          url: v.string(),
          validators: v.object({
            etag: v.exactOptional(v.string()),
            lastModified: v.exactOptional(v.string()),
          }),
          monitor: v.exactOptional(v.string()),
        }),
      ),
      offered: v.exactOptional(v.array(v.string())),
      named: v.exactOptional(v.string()),
      version: v.exactOptional(v.string()),
      provisional: v.exactOptional(v.boolean()),
    }),
  ),
});

const mapping = v.custom<Mapping>(isMapping);

const layersSchema = v.array(
  v.object({
    origin: v.picklist(OFFERED),
    from: v.string(),
    value: mapping,
    time: v.exactOptional(v.string()),
    etag: v.exactOptional(v.string()),
    lastModified: v.exactOptional(v.string()),
  }),
);

/** Throws on anything else. */
export function parseState(text: string): State {
  return v.parse(stateSchema, JSON.parse(text));
}

/** Throws on anything else, also when the content is not the one that `id` was made of. */
export function parseLayers(text: string, id: string): readonly ReceivedLayer[] {
  const layers = v.parse(layersSchema, JSON.parse(text));
  if (generationId(layers) !== id) throw new Error('its content has changed');
  return layers;
}

export function parseLocal(text: string): Mapping {
  return v.parse(mapping, JSON.parse(text));
}
