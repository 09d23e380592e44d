import test from 'ava';
import { masked } from '#provisioning/mask.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import { unmasked } from '#provisioning/unmask.ts';

const ACCOUNT = { user: 'alice', domain: 'pbx.example', password: 's3cret' };
const BEFORE = {
  accounts: [ACCOUNT],
  provisioning: { url: 'https://a.example/', user: 'u', password: 'p4ss' },
};

/** The configuration as it comes back, with some keys of its account changed. */
function edited(change: Mapping) {
  const [account] = (masked(BEFORE) as typeof BEFORE).accounts;
  return unmasked({ ...(masked(BEFORE) as Mapping), accounts: [{ ...account, ...change }] }, BEFORE);
}

test('a secret that comes back masked is what it was', (t) => {
  t.deepEqual(edited({ displayName: 'Alice' }), {
    value: { ...BEFORE, accounts: [{ ...ACCOUNT, displayName: 'Alice' }] },
  });
});

for (const change of [
  { user: 'mallory' },
  { domain: 'evil.example' },
  { port: 5070 },
  { outboundProxy: 'sip:evil.example' },
  { fallbacks: [{ domain: 'evil.example', transport: 'udp' }] },
]) {
  test(`a secret does not go along to another ${Object.keys(change)[0]}: it has to be given again`, (t) => {
    const result = edited(change);
    t.regex('error' in result ? result.error : '', /^\/accounts\/0\/password: give it again/);
  });
}

test('an account that no longer has a proxy of its own keeps its secret', (t) => {
  const before = { accounts: [{ ...ACCOUNT, outboundProxy: 'sip:proxy.example' }] };
  t.deepEqual(unmasked({ accounts: [masked(ACCOUNT)] }, before), { value: { accounts: [ACCOUNT] } });
});

test('an account that keeps its proxy keeps its secret', (t) => {
  const account = { ...ACCOUNT, outboundProxy: 'sip:proxy.example', fallbacks: [{ domain: 'b.example' }] };
  const before = { accounts: [account] };
  t.deepEqual(unmasked(masked(before), before), { value: before });
});
