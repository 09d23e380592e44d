import test from 'ava';
import fc from 'fast-check';
import { mergeLayers } from '#provisioning/layers.ts';
import { defaultConfig } from '#provisioning/schema.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import { type Layer, ORIGINS, type Origin } from '#provisioning/types.ts';

function layer(origin: Origin, value: Mapping, from: string = origin): Layer {
  return { origin, from, value };
}

const ann = { user: 'ann', domain: 'example.test' };
const bob = { user: 'bob', domain: 'example.test' };

test('no layer at all means the defaults', (t) => {
  t.deepEqual(mergeLayers([]), { config: defaultConfig(), warnings: [], refused: [], statements: [] });
});

test('each origin wins over those before it, in whatever order the layers come', (t) => {
  const layers = ORIGINS.map((origin, index) =>
    layer(origin, { name: origin, net: { sipPort: 5100 + index } }),
  );
  for (let highest = 1; highest <= layers.length; highest++) {
    const { config } = mergeLayers(layers.slice(0, highest).reverse());
    t.is(config.name as string | undefined, ORIGINS[highest - 1]);
    t.is(config.net.sipPort, 5099 + highest);
  }
});

test('mappings merge key by key, lists replace, accounts too', (t) => {
  const { config } = mergeLayers([
    layer('server common', {
      accounts: [ann, bob],
      net: { sipPort: 5070, sixbed4: { mode: 'off', onLink: ['10.0.0.0/8'] } },
      dial: { emergency: ['112', '911'] },
    }),
    layer('server device', { accounts: [bob], net: { sixbed4: { port: 4000 } }, dial: { map: '(xxx)' } }),
  ]);
  t.deepEqual(
    config.accounts.map(({ user }) => user),
    ['bob'],
  );
  t.like(config.net, { sipPort: 5070, tlsPort: 5061 });
  t.deepEqual(config.net.sixbed4, { mode: 'off', routers: [], port: 4000, onLink: ['10.0.0.0/8'] });
  t.like(config.dial, { map: '(xxx)', emergency: ['112', '911'] });
});

test('a secret that is a file replaces one that is text, and the other way round', (t) => {
  const text = layer('drop file', { metrics: { token: 'seven' } });
  const file = { metrics: { token: { file: '/run/token' } } };
  t.deepEqual(mergeLayers([text, layer('local', file)]).config.metrics.token, { file: '/run/token' });
  t.is(mergeLayers([text, layer('board', file)]).config.metrics.token, 'seven');
});

test('null takes back what the same origin said, and the value of the lower origins shows again', (t) => {
  const low = layer('drop file', { country: 'DE', net: { sipPort: 5070, tlsPort: 5071 } });
  const common = layer('server common', { country: 'FR', net: { sipPort: 5080 } });
  const again = (value: Mapping) =>
    mergeLayers([low, common, layer('server common', value, 'second')]).config;
  t.is(again({ country: null }).country, 'DE');
  t.like(again({ net: null }).net, { sipPort: 5070, tlsPort: 5071 });
  t.like(again({ net: { sipPort: null, tlsPort: 5099 } }).net, { sipPort: 5070, tlsPort: 5099 });
  t.is(mergeLayers([low, common, layer('server device', { country: null })]).config.country, 'FR');
  t.is(mergeLayers([layer('local', { country: null })]).config.country, 'NL');
});

test('a layer with a wrong value is refused as a whole, with path and reason, and the others stay', (t) => {
  const good = layer('drop file', { name: 'Kitchen', net: { sipPort: 5070 } });
  const wrong: readonly (readonly [Mapping, string])[] = [
    [{ name: 'Hall', net: { sipPort: '5080' } }, '/net/sipPort: expected a port number, got text: "5080"'],
    [{ name: 'Hall', net: [5080] }, '/net: expected a mapping (key: value), got a list'],
    [{ name: 'Hall', accounts: [{ user: 'ann' }] }, '/accounts/0/domain: is missing'],
    [
      { name: 'Hall', metrics: { token: 13 } },
      '/metrics/token: expected text (digits alone in quotes) or {file: PATH}, got a number',
    ],
  ];
  for (const [value, error] of wrong) {
    const merged = mergeLayers([
      good,
      layer('server device', value, 'https://s.test/a'),
      layer('local', { country: 'DE' }),
    ]);
    t.deepEqual(merged.refused, [{ origin: 'server device', from: 'https://s.test/a', error }]);
    t.like(merged.config, { name: 'Kitchen', country: 'DE' });
    t.is(merged.config.net.sipPort, 5070);
    t.false(merged.statements.some(({ origin }) => origin === 'server device'));
  }
});

test('what is no mapping at all is refused like any other wrong layer', (t) => {
  for (const value of [[], 'text', 7, [{ name: 'x' }]]) {
    t.is(mergeLayers([layer('drop file', value as never)]).refused.length, 1);
  }
});

test('unknown keys are warned of with the layer that has them, and change nothing', (t) => {
  const { config, warnings } = mergeLayers([
    layer('drop file', { sipport: 1, net: { colour: 2 } }, '/boot/x.yaml'),
  ]);
  t.deepEqual(warnings, [
    '/sipport: unknown key, ignored (/boot/x.yaml)',
    '/net/colour: unknown key, ignored (/boot/x.yaml)',
  ]);
  t.deepEqual(config, defaultConfig());
});

test('names that JavaScript gives a meaning are keys like any other', (t) => {
  const hostile = JSON.parse(
    '{"__proto__": {"name": "evil"}, "constructor": {"prototype": {"x": 1}}, "net": {"__proto__": {"sipPort": 9}}}',
  );
  const { config, warnings } = mergeLayers([layer('server device', hostile)]);
  t.deepEqual(config, defaultConfig());
  t.is(warnings.length, 3);
  t.is(Reflect.get({}, 'x'), undefined);
});

test('a change made here to a key that the server has locked is kept out, and said', (t) => {
  const server = layer('server common', {
    country: 'DE',
    provisioning: { locked: ['accounts', 'net.sixbed4', '/dial/map'] },
  });
  const local = layer('local', {
    country: 'FR',
    accounts: [ann],
    net: { sipPort: 5070, sixbed4: { mode: 'off' } },
    dial: { map: '(xx)', emergency: ['110'] },
    provisioning: { locked: [], interval: 600 },
  });
  const { config, warnings, refused } = mergeLayers([local, server]);
  t.deepEqual(refused, []);
  t.is(config.country, 'FR');
  t.deepEqual(config.accounts, []);
  t.is(config.net.sipPort, 5070);
  t.is(config.net.sixbed4.mode, 'auto');
  t.deepEqual([config.dial.map, config.dial.emergency], [undefined, ['110']]);
  t.is(config.provisioning.interval, 600);
  t.is(config.provisioning.locked.length, 3);
  t.deepEqual(
    warnings.map((warning) => warning.split(':')[0]),
    ['/accounts', '/net/sixbed4/mode', '/dial/map', '/provisioning/locked'],
  );
});

const PORTS = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: null });
const PARTIAL = fc.record({ sipPort: PORTS, tlsPort: PORTS }, { requiredKeys: [] });
const ANY_LAYERS = fc.array(fc.tuple(fc.constantFrom(...ORIGINS), fc.option(PARTIAL, { nil: null })), {
  maxLength: 8,
});

/** The rule, told the other way round: from the top, an origin that took its word back is passed over. */
function expected(layers: readonly Layer[], key: string): unknown {
  for (const origin of [...ORIGINS].reverse()) {
    const said = layers
      .filter((each) => each.origin === origin)
      .map(({ value: { net } }) => (net === null ? null : (net as Mapping)[key]))
      .filter((value) => value !== undefined)
      .at(-1);
    if (said !== undefined && said !== null) return said;
  }
  return defaultConfig().net[key as 'sipPort'];
}

test('whatever the layers say, each value is the last word of the highest origin that stands by one', (t) => {
  fc.assert(
    fc.property(ANY_LAYERS, (said) => {
      const layers = said.map(([origin, net]) => layer(origin, { net }));
      const { net } = mergeLayers(layers).config;
      for (const key of ['sipPort', 'tlsPort'] as const)
        t.is<unknown, unknown>(net[key], expected(layers, key));
    }),
    { numRuns: 1000 },
  );
});

test('layers of whatever content never throw, and a refused one changes nothing', (t) => {
  const keys = fc.constantFrom(
    'name',
    'net',
    'accounts',
    'provisioning',
    'locked',
    'url',
    'password',
    'dial',
    '__proto__',
  );
  const content = fc.object({ key: keys, maxDepth: 4, withNullPrototype: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...ORIGINS), content), { maxLength: 5 }), (given) => {
      const layers = given.map(([origin, value], index) => layer(origin, value as Mapping, `${index}`));
      const merged = mergeLayers(layers);
      const refused = new Set(merged.refused.map(({ from }) => from));
      t.deepEqual(mergeLayers(layers.filter(({ from }) => !refused.has(from))).config, merged.config);
    }),
    { numRuns: 2000 },
  );
});

/** What would give a server more than the telephone's calls: its files, its programs, and whom it asks. */
const OWNERS_ALONE = {
  board: '/tmp/board.json',
  // ALSA takes such a name, and starts the program.
  audio: { output: "tee:null,'|id',raw", input: 'file:/etc/shadow' },
  net: { sipPort: 5070, tlsCa: '/dev/zero', tlsCertificate: '/dev/zero', tlsKey: '/dev/zero' },
  provisioning: {
    ...{ url: 'https://elsewhere.example/', user: 'me', password: 'guess', interval: 3600 },
    ...{ allowHttp: true, allowTftp: true, clientCertificate: '/dev/zero', clientKey: '/dev/zero' },
  },
};

test('a server decides about calls, not about files, programs and whom the telephone asks', (t) => {
  for (const origin of ['server common', 'server device'] as const) {
    const own = layer('drop file', { provisioning: { url: 'https://ours.example/' } });
    const { config, warnings, statements } = mergeLayers([own, layer(origin, OWNERS_ALONE, 'https://s/')]);
    const { audio, net, provisioning, board } = config;
    const defaults = defaultConfig();
    t.deepEqual([audio, board], [defaults.audio, undefined]);
    t.deepEqual(net, { ...defaults.net, sipPort: 5070 });
    const ours = { url: 'https://ours.example/', interval: 3600 };
    t.deepEqual(provisioning, { ...defaults.provisioning, ...ours });
    t.is(warnings.length, 13);
    t.true(warnings.includes('/audio/output: not for a server to say: left out (https://s/)'));
    t.false(statements.some(({ at, origin: by }) => by === origin && at.startsWith('/audio')));
  }
  const harmless = { input: 'tone:600', output: 'null' };
  t.deepEqual(mergeLayers([layer('server common', { audio: harmless })]).config.audio, harmless);
  for (const origin of ['board', 'drop file', 'local'] as const) {
    t.is(mergeLayers([layer(origin, OWNERS_ALONE)]).config.audio.input, 'file:/etc/shadow');
  }
});

test('a server names no file whose first line becomes a password, however it is written', (t) => {
  for (const password of [{ file: '/etc/shadow' }, { file: '/dev/zero', other: null }]) {
    const { config, warnings } = mergeLayers([
      layer('server device', { accounts: [{ ...ann, password }], metrics: { token: password } }),
    ]);
    t.deepEqual(
      config.accounts.map(({ user, password: secret }) => [user, secret]),
      [['ann', '']],
    );
    t.is(config.metrics.token, undefined);
    t.is(
      warnings.filter((text) => /^\/(?:accounts\/0\/password|metrics\/token): not for/.test(text)).length,
      2,
    );
  }
  const own = layer('drop file', { accounts: [{ ...ann, password: { file: '/run/secret' } }] });
  t.deepEqual(mergeLayers([own]).config.accounts[0]?.password, { file: '/run/secret' });
});
