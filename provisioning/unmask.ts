/**
 * Puts secrets back into a configuration that went out masked and came back edited. A secret returns only to where it
 * was sent before: who names another server, or another account, has to give it anew.
 */
import { MASK, masked } from './mask.ts';
import { isMapping, type Mapping } from './schema_shape.ts';
import { pointer } from './walk.ts';

export type Unmasked = { readonly value: unknown } | { readonly error: string };

/** Keys that say whose or for whom the secrets beside them are. */
const OWNERS = ['user', 'domain', 'url'];
/** Keys that name further servers to which answers made with the secrets are sent; without them there is the domain. */
const WAYS = ['port', 'outboundProxy', 'fallbacks', 'moveTo'];

/** `before`: the same configuration unmasked, as it was before it was edited. */
export function unmasked(edited: unknown, before: unknown): Unmasked {
  const missing: string[] = [];
  const value = restored(edited, before, [], missing);
  const [first] = missing;
  if (first === undefined) return { value };
  return { error: `${first}: give it again: what it belongs to has changed` };
}

function restored(
  edited: unknown,
  before: unknown,
  path: readonly (string | number)[],
  missing: string[],
): unknown {
  if (typeof edited === 'string') return restoredText(edited, before, path, missing);
  if (Array.isArray(edited)) {
    const old: readonly unknown[] = Array.isArray(before) ? before : [];
    return edited.map((element, index) =>
      restored(
        element,
        old.find((each) => haveSameOwner(element, each)),
        [...path, index],
        missing,
      ),
    );
  }
  if (!isMapping(edited)) return edited;
  const old: Mapping = isMapping(before) && haveSameOwner(edited, before) ? before : {};
  return Object.fromEntries(
    Object.entries(edited).map(([key, inner]) => [
      key,
      restored(inner, Object.hasOwn(old, key) ? old[key] : undefined, [...path, key], missing),
    ]),
  );
}

function restoredText(
  edited: string,
  before: unknown,
  path: readonly (string | number)[],
  missing: string[],
): unknown {
  if (!edited.includes(MASK)) return edited;
  if (masked(before, String(path.at(-1))) === edited) return before;
  missing.push(pointer(path));
  return edited;
}

function haveSameOwner(edited: unknown, before: unknown): boolean {
  if (!isMapping(edited) || !isMapping(before)) return edited === masked(before);
  const shown = masked(before);
  const same = (key: string) => JSON.stringify(edited[key]) === JSON.stringify(shown[key]);
  const isNone = (key: string) => edited[key] === undefined || JSON.stringify(edited[key]) === '[]';
  return OWNERS.every(same) && WAYS.every((key) => isNone(key) || same(key));
}
