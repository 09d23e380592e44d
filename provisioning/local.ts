/** What a person changes on the phone or its page: the layer `local`, kept apart from what files and servers say. */
import { statementsOf } from './layers.ts';
import { isLocked } from './locks.ts';
import { checkConfig } from './read.ts';
import type { Config } from './schema.ts';
import { isMapping, type Mapping } from './schema_shape.ts';
import { unmasked } from './unmask.ts';
import { keysOf, valueAt } from './walk.ts';

export type LocalChange = { readonly local: Mapping } | { readonly error: string };

/**
 * The local layer after a person saved `edited`: a configuration, whole or in part, with secrets masked as `config show`
 * prints them. Local becomes what differs from `without`, the configuration of the layers below; what `edited` leaves
 * out, and what it has as the layers below have it, goes back to them. `effective`: what was shown to the person.
 */
export function localChanges(edited: unknown, effective: Config, without: Config): LocalChange {
  const whole = unmasked(edited, effective);
  if ('error' in whole) return whole;
  const checked = checkConfig(whole.value);
  if ('error' in checked) return checked;
  const value = isMapping(whole.value) ? whole.value : {};
  const changed = statementsOf({ origin: 'local', from: '', value }).filter(
    ({ at, value: said }) =>
      said !== null && !isSame(valueAt(checked.config, keysOf(at)), valueAt(without, keysOf(at))),
  );
  const locked = changed.find(({ at }) => isLocked(at, without.provisioning.locked));
  if (locked !== undefined) return { error: `${locked.at}: locked by the server` };
  return { local: changed.reduce<Mapping>((local, { at, value }) => putAt(local, keysOf(at), value), {}) };
}

function putAt(mapping: Mapping, [key = '', ...rest]: readonly string[], value: unknown): Mapping {
  const inner = Object.hasOwn(mapping, key) ? mapping[key] : undefined;
  const put = rest.length === 0 ? value : putAt(isMapping(inner) ? inner : {}, rest, value);
  return { ...mapping, [key]: put };
}

/** Both come out of the schema: the same keys in the same order. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
