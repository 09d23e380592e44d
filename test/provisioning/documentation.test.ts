/** What docs/configuration.md says of the configuration is so. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { LIFECYCLE_TIMINGS } from '#provisioning/lifecycle/lifecycle.ts';
import { readConfig } from '#provisioning/read.ts';
import { configSchema } from '#provisioning/schema.ts';
import { entriesOf, itemOf, type Schema } from '#provisioning/schema_shape.ts';
import { ORIGINS } from '#provisioning/types.ts';

const PAGE = readFileSync('docs/configuration.md', 'utf8');

/** `accounts[].user` and its default, as JSON; empty: it has none. */
function keysOf(schema: Schema, path: string): readonly (readonly [key: string, fallback: string])[] {
  const entries = entriesOf(schema);
  if (entries !== undefined) {
    return Object.entries(entries).flatMap(([key, inner]) =>
      keysOf(inner, path === '' ? key : `${path}.${key}`),
    );
  }
  const item = itemOf(schema);
  if (item !== undefined && entriesOf(item) !== undefined) return keysOf(item, `${path}[]`);
  const hasDefault = schema.type === 'optional' && schema.default !== undefined;
  return [[path, hasDefault ? JSON.stringify(schema.default) : '']];
}

test('the table has every key of the schema with its default, in its order, and no other', (t) => {
  const [, table = ''] = PAGE.split('## All keys');
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (?:`([^`]+)`)? ?\|/gm)];
  t.deepEqual(
    rows.map(([, key, fallback = '']) => [key, fallback]),
    keysOf(configSchema, '').map(([...row]) => row),
  );
});

test('every example is valid, and no key of it is unknown', async (t) => {
  const examples = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text ?? '');
  t.true(examples.length >= 3);
  for (const example of examples) {
    const result = await readConfig(example);
    t.deepEqual('error' in result ? result.error : result.warnings, [], example);
  }
});

test('the origins stand in the order in which they win', (t) => {
  const [, table = ''] = PAGE.split('## Where values come from');
  const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, origin]) => origin ?? '');
  t.deepEqual(rows.slice(0, ORIGINS.length), [...ORIGINS]);
});

test('the times of the trial are those of the lifecycle', (t) => {
  t.true(PAGE.includes(`after ${LIFECYCLE_TIMINGS.trial / 60_000} minutes with a network`));
  t.true(PAGE.includes(`up for ${LIFECYCLE_TIMINGS.uptime / 60_000} minutes`));
});
