import test from 'ava';
import { generationId, generationOf, type ReceivedLayer } from '#provisioning/generation.ts';
import { parseLayers, parseLocal, parseState } from '#provisioning/store/stored.ts';
import { mutations } from '../../support/mutate.ts';

const LAYERS: readonly ReceivedLayer[] = [
  { origin: 'drop file', from: '/boot/firmware/dualtone.yaml', value: { name: 'Kitchen' } },
  {
    origin: 'server device',
    from: 'https://pbx.test/',
    value: { accounts: [{ user: 'ann', domain: 'pbx.test' }] },
    etag: '"c41f"',
    time: '2026-11-20T12:00:00Z',
  },
];
const inForce = generationOf(LAYERS, [], 'pbx.test');
const STATE = {
  kept: {
    inForce,
    good: { id: 'none', accounts: 0 },
    trial: { starts: 2 },
    givenUp: [{ id: 'x', version: '2', reason: 'did not register' }],
  },
  standing: {
    pin: { host: 'pbx.test', keys: ['sha256/abc'] },
    url: 'https://pbx.test/',
    step: 'dhcp',
    files: [{ url: 'https://pbx.test/a', validators: { etag: '"c41f"' } }],
    ...{ offered: ['other.test'], named: 'https://first.test/', version: '7' },
  },
};

/** What `parse` makes of the text, undefined where it throws as it may. */
function tried<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

test('what was written is read', (t) => {
  t.deepEqual<unknown, unknown>(parseState(JSON.stringify(STATE)), STATE);
  t.deepEqual(parseLayers(JSON.stringify(LAYERS), inForce.id), LAYERS);
  t.deepEqual(parseLocal('{"name":"x"}'), { name: 'x' });
});

test('100 000 damaged files are read as something whole, or not at all; layers only if they say the same', (t) => {
  let [states, layers] = [0, 0];
  const seeds = [STATE, LAYERS].map((value) => Buffer.from(JSON.stringify(value)));
  for (const octets of mutations(seeds, 100_000, 20_261_120)) {
    const text = Buffer.from(octets).toString('utf8');
    const state = tried(() => parseState(text));
    if (state !== undefined) {
      states += 1;
      if (typeof state.kept.inForce.id !== 'string' || !Array.isArray(state.kept.givenUp)) t.fail(text);
    }
    const read = tried(() => parseLayers(text, inForce.id));
    if (read !== undefined) {
      layers += 1;
      if (generationId(read) !== inForce.id) t.fail(text);
    }
    tried(() => parseLocal(text));
  }
  t.true(states > 100 && layers > 100, `${states} ${layers}`);
});
