/**
 * Keys and lamps that one part has twice: a slip of whoever copied a row. Another part may have the same once more: a second
 * mute key is a wish.
 */
import type { Problem } from './conflicts.ts';
import type { LinuxBoard, PartProfile, ProfileOf } from './schema.ts';

type Name = readonly [path: string, name: string];

/** None: no part has a name twice. */
export function namesTwice({ parts }: LinuxBoard): readonly Problem[] {
  return parts.flatMap((part, index) => [
    ...twice('key', keysOf(part), `/parts/${index}`),
    ...twice('lamp', lampsOf(part), `/parts/${index}`),
  ]);
}

function twice(what: 'key' | 'lamp', names: readonly Name[], part: string): readonly Problem[] {
  const first = new Map<string, string>();
  return names.flatMap(([path, name]) => {
    const other = first.get(name);
    if (other === undefined) first.set(name, path);
    return other === undefined
      ? []
      : [{ path: `${part}/${path}`, reason: `the ${what} ${name} is there already (${part}/${other})` }];
  });
}

function keysOf(part: PartProfile): readonly Name[] {
  switch (part.kind) {
    case 'keypad':
      return crossings(part);
    case 'keypad-mcp23017':
      return [...crossings(part), ...part.single.map(({ key }, n): Name => [`single/${n}/key`, key])];
    case 'keys':
      return part.keys.map(({ key }, n): Name => [`keys/${n}/key`, key]);
    default:
      return [];
  }
}

function crossings({ keys }: Pick<ProfileOf<'keypad'>, 'keys'>): readonly Name[] {
  return keys.flatMap((row, y) =>
    row.flatMap((key, x): Name[] => (key === null ? [] : [[`keys/${y}/${x}`, key]])),
  );
}

function lampsOf(part: PartProfile): readonly Name[] {
  if (part.kind !== 'lamps' && part.kind !== 'keypad-mcp23017') return [];
  return part.lamps.map(({ name }, n): Name => [`lamps/${n}/name`, name]);
}
