/** Where in a text of YAML (or JSON, which is YAML) a place of the configuration stands. */

/** The line of a JSON pointer's key, from 1; of the nearest mapping or list around it when it is not there. */
export type LineFinder = (path: string) => number | undefined;

interface Node {
  readonly range?: readonly number[] | null;
  readonly items?: readonly unknown[];
}

interface Pair {
  readonly key: unknown;
  readonly value: unknown;
}

/** Never rejects; of a text that is no YAML nothing is found. */
export async function lineFinder(text: string): Promise<LineFinder> {
  const starts = new Map<string, number>();
  const { parseDocument } = await import('./yaml.ts');
  try {
    const { contents, errors } = parseDocument(text, { logLevel: 'silent' });
    if (errors.length === 0) note(contents, '', starts);
  } catch {
    // Nested beyond the stack: whoever reads it says so.
  }
  return (path) => {
    for (let around = path; ; around = around.slice(0, around.lastIndexOf('/'))) {
      const start = starts.get(around);
      if (start !== undefined) return 1 + (text.slice(0, start).match(/\n/g)?.length ?? 0);
      if (around === '') return undefined;
    }
  };
}

function note(value: unknown, path: string, starts: Map<string, number>): void {
  if (!isNode(value)) return;
  const begin = value.range?.[0];
  if (begin !== undefined && !starts.has(path)) starts.set(path, begin);
  for (const [index, item] of (value.items ?? []).entries()) {
    if (isPair(item)) noteEntry(item, path, starts);
    else note(item, `${path}/${index}`, starts);
  }
}

function noteEntry({ key, value }: Pair, path: string, starts: Map<string, number>): void {
  const name = isNode(key) && 'value' in key ? String(key.value) : String(key);
  const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const begin = isNode(key) ? key.range?.[0] : undefined;
  if (begin !== undefined) starts.set(at, begin);
  note(value, at, starts);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && ('range' in value || 'items' in value);
}

function isPair(value: unknown): value is Pair {
  return (
    typeof value === 'object' && value !== null && 'key' in value && 'value' in value && !('range' in value)
  );
}
