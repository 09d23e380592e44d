import test from 'ava';
import { explain, placesOf } from '#provisioning/explain.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { MASK } from '#provisioning/mask.ts';
import type { Layer } from '#provisioning/types.ts';

const LAYERS: readonly Layer[] = [
  { origin: 'board', from: 'rotary-usb', value: { audio: { input: 'plughw:1' } } },
  {
    origin: 'drop file',
    from: '/boot/firmware/dualtone.yaml',
    value: {
      accounts: [{ user: 'ann', domain: 'old.test', password: 's3cret' }],
      dial: { map: '(xx)' },
      metrics: { token: 's3cret' },
    },
  },
  {
    origin: 'server device',
    from: 'https://s.test/p.yaml',
    value: {
      accounts: [{ user: 'ann', domain: 'new.test', password: 's3cret', port: 5070 }],
      dial: { map: '(xxx)' },
      provisioning: { url: 'https://u:s3cret@s.test/p.yaml' },
    },
  },
  { origin: 'local', from: 'the page', value: { dial: { map: '(0xxx)' }, country: 'DE' } },
  { origin: 'local', from: 'the keys', value: { country: null } },
];
const places = placesOf(mergeLayers(LAYERS));

test('a value is told with its origin and what the layers below said, down to the default', (t) => {
  for (const key of ['dial.map', '/dial/map']) {
    const [told, more] = explain(places, key);
    t.is(more, undefined);
    t.like(told, {
      at: '/dial/map',
      value: '(0xxx)',
      by: { origin: 'local', from: 'the page', value: '(0xxx)' },
    });
    t.deepEqual(told?.lower, [
      { origin: 'server device', from: 'https://s.test/p.yaml', value: '(xxx)' },
      { origin: 'drop file', from: '/boot/firmware/dualtone.yaml', value: '(xx)' },
    ]);
  }
  t.deepEqual(explain(places, 'audio.input')[0]?.lower, [
    { origin: 'factory', from: 'defaults', value: 'default' },
  ]);
});

test('a value that was taken back is told of what is below it', (t) => {
  const [country] = explain(places, 'country');
  t.like(country, { value: 'NL', by: { origin: 'factory', from: 'defaults' }, lower: [] });
  t.deepEqual(
    country?.said.map(({ value }) => value),
    [null, 'DE', 'NL'],
  );
});

test('a mapping is told place by place', (t) => {
  t.deepEqual(
    explain(places, 'dial').map(({ at, by }) => [at, by?.origin]),
    [
      ['/dial/map', 'local'],
      ['/dial/emergency', 'factory'],
      ['/dial/allow', 'factory'],
    ],
  );
});

test('a part of a list is told with the list that it stands in, and what the list leaves open is a default', (t) => {
  const [domain] = explain(places, 'accounts.0.domain');
  t.like(domain, { value: 'new.test', by: { origin: 'server device' } });
  t.deepEqual(
    domain?.lower.map(({ value }) => value),
    ['old.test'],
  );
  t.like(explain(places, '/accounts/0/transport')[0], {
    value: 'auto',
    by: { origin: 'factory' },
    lower: [],
  });
  t.deepEqual(explain(places, '/accounts/1/domain'), []);
});

test('what nobody set has no origin, and what is no key has no explanation', (t) => {
  const [extension] = explain(places, 'extension');
  t.deepEqual([extension?.value, extension?.by], [undefined, undefined]);
  for (const key of ['nothing', 'dial.nothing', '', '/', 'dial.map.x', '__proto__']) {
    t.deepEqual(
      explain(places, key).filter(({ at }) => key !== '' && key !== '/' && at !== ''),
      [],
      key,
    );
  }
});

test('no secret is told, of whatever layer', (t) => {
  const text = JSON.stringify([places, explain(places, 'accounts'), explain(places, 'accounts.0.password')]);
  t.false(text.includes('s3cret'));
  t.is(explain(places, 'accounts.0.password')[0]?.value, MASK);
  t.is(explain(places, 'metrics.token')[0]?.by?.value, MASK);
});
