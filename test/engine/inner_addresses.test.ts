import test from 'ava';
import { InnerAddresses, MOST_KNOWN } from '#engine/inner_addresses.ts';

test('former addresses are known for a while, not for ever', (t) => {
  const addresses = new InnerAddresses();
  const nth = (n: number) => `fc64:bed:1:1::${n}`;
  for (let n = 1; n <= MOST_KNOWN; n++) t.true(addresses.update([nth(n)]));
  t.true(addresses.owns(nth(1)));
  t.false(addresses.update([nth(MOST_KNOWN)]));
  addresses.update([nth(99)]);
  t.false(addresses.owns(nth(1)));
  t.true(addresses.owns(nth(2)));
  t.deepEqual(addresses.current, [nth(99)]);
});

test('what is no IPv6 address is not reached by the tunnel', (t) => {
  const addresses = new InnerAddresses();
  addresses.update(['fc64:bed:1:1::1']);
  for (const text of ['', 'rubbish', '192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1'])
    t.false(addresses.reaches(text), text);
});
