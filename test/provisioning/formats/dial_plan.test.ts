/** Dial plans of vendors: what is taken means the same, digit by digit; what cannot is refused with its piece. */
import test from 'ava';
import fc from 'fast-check';
import { matchDigits, parseDigitMap } from '#phone/digit_map.ts';
import { translatedPlan } from '#provisioning/formats/dial_plan.ts';

function mapOf(form: Parameters<typeof translatedPlan>[0], plan: string): string {
  const result = translatedPlan(form, plan);
  return 'map' in result ? result.map : result.error;
}

const sent = (map: string, digits: string) => {
  const { complete, timed, barred } = matchDigits(parseDigitMap(map), digits);
  return barred ? 'barred' : (complete ?? timed);
};

test('the examples of the three forms are taken', (t) => {
  t.is(
    mapOf('mgcp', '(0T|00T|[1-7]xxx|8xxxxxxx|#xxxxxxx|*xx|91xxxxxxxxxx|9011x.T)'),
    '(0T|00T|[1-7]xxx|8xxxxxxx|#xxxxxxx|*xx|91xxxxxxxxxx|9011x.T)',
  );
  t.is(
    mapOf('sipura', '( *xx | [3469]11 | 0 | 00 | <:1408>[2-9]xxxxxx | 1[2-9]xx[2-9]xxxxxx | 011x. )'),
    '(*xx|[3469]11|0|00|<:1408>[2-9]xxxxxx|1[2-9]xx[2-9]xxxxxx|011x.)',
  );
  t.is(mapOf('grandstream', '{^1900x+ | <=1617>xxxxxxx | x+ | *x+}'), '(^1900x+|<:1617>xxxxxxx|x+|*x+)');
});

const MEANT: readonly [
  form: Parameters<typeof translatedPlan>[0],
  plan: string,
  digits: string,
  number: string | undefined,
][] = [
  ['sipura', '(<:1408>[2-9]xxxxxx)', '5551234', '14085551234'],
  ['sipura', '(<9:>xxxx)', '91234', '1234'],
  ['sipura', '(1900xxxxxxx!|xx.)', '19001234567', 'barred'],
  ['sipura', '(xxxS0|xxxx)', '123', '123'],
  ['grandstream', '{<2=011>x+}', '2331', '011331'],
  ['grandstream', '{^1900x+|x+}', '19005', 'barred'],
  // Of two digits and more.
  ['grandstream', '{xx+}', '1', undefined],
  ['grandstream', '{xx+}', '12', '12'],
  ['grandstream', '{xx.}', '1', undefined],
  ['grandstream', '{xx.}', '123', '123'],
  // RFC 3435: the point takes none, too.
  ['mgcp', '(1x.)', '1', '1'],
];

for (const [form, plan, digits, number] of MEANT) {
  test(`${form}: ${digits} by ${plan} is ${number}`, (t) => {
    t.is(sent(mapOf(form, plan), digits), number);
  });
}

test('alternatives of keys that no telephone has are left out: nothing is lost', (t) => {
  t.is(mapOf('grandstream', '{x+|\\+x+|\\p\\a\\r\\k*x+}'), '(x+)');
  t.regex(mapOf('grandstream', '{\\+x+}'), /no number that can be dialled/);
});

const REFUSED: readonly [form: Parameters<typeof translatedPlan>[0], plan: string][] = [
  ['mgcp', '(0T1)'],
  ['mgcp', '(<2:3>x)'],
  ['mgcp', '(x+)'],
  ['mgcp', '(xx|)'],
  ['mgcp', '(x..)'],
  ['mgcp', '([7-1]xx)'],
  ['sipura', '(9,x.)'],
  ['sipura', '(L:15,xx.)'],
  ['sipura', '(P0<:1000>)'],
  ['sipura', '(xxS3)'],
  ['sipura', '(x.@gw0)'],
  ['grandstream', '{*++}'],
  ['grandstream', '{x+'],
  ['grandstream', '{1|[^0]x+}'],
];

for (const [form, plan] of REFUSED) {
  test(`${form}: ${plan} is not taken, and the piece is named`, (t) => {
    const result = translatedPlan(form, plan);
    t.true('error' in result && /cannot be said exactly/.test(result.error), JSON.stringify(result));
  });
}

test('whatever is taken, our digit map can read', (t) => {
  const plan = fc.string({ unit: fc.constantFrom(...'0129*#xXTtS.+|()[]{}-^<>:=!,\\pA '), maxLength: 24 });
  const form = fc.constantFrom('mgcp' as const, 'sipura' as const, 'grandstream' as const);
  fc.assert(
    fc.property(form, plan, (chosen, text) => {
      const result = translatedPlan(chosen, text);
      if ('map' in result) parseDigitMap(result.map);
    }),
    { numRuns: 50_000 },
  );
  t.pass();
});
