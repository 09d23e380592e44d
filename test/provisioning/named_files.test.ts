import test from 'ava';
import { FILE_SETTINGS, namedFiles, withNamedFiles } from '#provisioning/named_files.ts';
import { withoutOwners } from '#provisioning/owners.ts';
import { configSchema } from '#provisioning/schema.ts';
import { actionsOf, entriesOf, itemOf, type Schema, unwrapped } from '#provisioning/schema_shape.ts';
import { pointer } from '#provisioning/walk.ts';

/** Pointers of all settings that the schema says to be the name of a file. */
function filesIn(schema: Schema, path: readonly string[] = []): readonly string[] {
  const isFile = actionsOf(unwrapped(schema)).some(
    (action) => Reflect.get(action, 'message') === 'the name of a file',
  );
  const item = itemOf(schema);
  return [
    ...(isFile ? [pointer(path)] : []),
    ...(item === undefined ? [] : filesIn(item, [...path, '-'])),
    ...Object.entries(entriesOf(schema) ?? {}).flatMap(([key, inner]) => filesIn(inner, [...path, key])),
  ];
}

const VALUE = {
  name: 'ca.pem',
  net: { tlsCa: 'ca.pem', tlsKey: 'own.key', sipPort: 5060 },
  provisioning: { clientCertificate: 'ca.pem', url: 'ca.pem' },
  metrics: { token: { file: 'ca.pem' } },
};

test('every setting of the schema that names a file is known', (t) => {
  t.deepEqual([...FILE_SETTINGS].sort(), [...filesIn(configSchema)].sort());
});

test('files are found where they are named, and named otherwise there alone', (t) => {
  t.deepEqual(namedFiles(VALUE), ['ca.pem', 'own.key', 'ca.pem']);
  const names = new Map([['ca.pem', '/data/1.pem']]);
  t.deepEqual(withNamedFiles(VALUE, names), {
    ...VALUE,
    net: { ...VALUE.net, tlsCa: '/data/1.pem' },
    provisioning: { ...VALUE.provisioning, clientCertificate: '/data/1.pem' },
  });
});

test('where a file could be named something else is left as it is', (t) => {
  for (const value of [
    {},
    { net: 'x' },
    { net: ['ca.pem'] },
    { net: { tlsCa: ['ca.pem'], tlsKey: { a: 1 } } },
  ]) {
    t.deepEqual(namedFiles(value), []);
    t.deepEqual(withNamedFiles(value, new Map([['ca.pem', 'x']])), value);
  }
});

test('no server names a file', (t) => {
  t.deepEqual(
    withoutOwners(VALUE).left,
    [...'net/tlsCa net/tlsKey provisioning/clientCertificate provisioning/url metrics/token'.split(' ')].map(
      (at) => `/${at}`,
    ),
  );
});
