import test from 'ava';
import fc from 'fast-check';
import { DigitMapError, matchDigits, parseDigitMap } from '#phone/digit_map.ts';

const RFC = '(0T|00T|[1-7]xxx|8xxxxxxx|#xxxxxxx|*xx|91xxxxxxxxxx|9011x.T)';

/** Map, digits, and what comes: `=number` complete, `~number` at the timer, `+` more may follow, `-` nothing fits. */
const ROWS: readonly (readonly [map: string, digits: string, expected: string])[] = [
  [RFC, '', '+'],
  [RFC, '0', '~0 +'],
  [RFC, '00', '~00'],
  [RFC, '123', '+'],
  [RFC, '1234', '=1234'],
  [RFC, '*', '+'],
  [RFC, '*12', '=*12'],
  [RFC, '#1234567', '=#1234567'],
  [RFC, '9011', '~9011 +'],
  [RFC, '9011234', '~9011234 +'],
  [RFC, '99', '-'],
  ['x.', '', '= +'],
  ['x.', '12', '=12 +'],
  ['xx+', '1', '+'],
  ['xx+', '12', '=12 +'],
  ['[2-468]x', '5', '-'],
  ['[2-468]x', '39', '=39'],
  ['xxx|xxxx', '123', '=123 +'],
  ['XXXt', '123', '~123'],
  ['<:1408>[2-9]xx', '234', '=1408234'],
  ['<9:>xxx', '9123', '=123'],
  ['<00:+>x.T', '0031', '~+31 +'],
  ['{ 9xx | <2=011>x+ }', '234', '=01134 +'],
  ['<:5>x.', '12', '=512 +'],
  ['x<:9>', '1', '=19'],
  ['(xxx S0|xxxx)', '123', '=123 + now'],
  ['(1900xxx!|1xxxxxx)', '1900123', 'barred now'],
  ['{^1900x+|1xxxxxx}', '1900123', '+ barred'],
];

for (const [map, digits, expected] of ROWS) {
  test(`${map} says "${expected}" to "${digits}"`, (t) => {
    const { complete, timed, more, barred, atOnce } = matchDigits(parseDigitMap(map), digits);
    const said = [
      complete === undefined ? '' : `=${complete}`,
      timed === undefined ? '' : `~${timed}`,
      more ? '+' : '',
      barred ? 'barred' : '',
      atOnce ? 'now' : '',
    ];
    t.is(said.filter((word) => word !== '').join(' ') || '-', expected);
  });
}

const WRONG: readonly (readonly [map: string, at: number])[] = [
  ['', 0],
  ['()', 1],
  ['(0T', 3],
  ['0T)', 2],
  ['1||2', 2],
  ['[12', 4],
  ['[]', 1],
  ['[9-1]', 3],
  ['Tx', 1],
  ['1T2', 2],
  ['<1', 2],
  ['<1:2', 5],
  ['1y', 1],
  ['S5', 2],
  ['.', 0],
];

for (const [map, at] of WRONG) {
  test(`"${map}" is refused with the place of the mistake`, (t) => {
    const error = t.throws(() => parseDigitMap(map), { instanceOf: DigitMapError, code: 'DIGIT_MAP' });
    t.true(Math.abs((error?.at ?? -9) - at) <= 1, `at ${error?.at}`);
  });
}

test('the shortest number without a timer is known', (t) => {
  t.is(parseDigitMap('(0T|[2-7]xx|0[1-9]xxxxxxxx|00x.T|*xx)').shortest, 3);
  t.is(parseDigitMap('(0T|x.T)').shortest, 0);
});

const text = fc.string({ unit: fc.constantFrom(...'0123456789*#xT.|()[]-<:>+!^S,{} '), maxLength: 40 });

test('any text is a map or a DigitMapError', (t) => {
  fc.assert(
    fc.property(text, (map) => {
      try {
        parseDigitMap(map);
        return true;
      } catch (error) {
        return error instanceof DigitMapError;
      }
    }),
    { numRuns: 3000 },
  );
  t.pass();
});

test('no digit fits after one said that nothing more may follow', (t) => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789*#'), maxLength: 12 });
  const maps = [RFC, '(0T|[2-7]xx|0[1-9]xxxxxxxx|00x.T|*xx)', 'x.T', '<:1408>[2-9]xx|[1-3]x+|*x.'].map(
    parseDigitMap,
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...maps),
      digits,
      fc.constantFrom(...'0123456789*#'),
      (map, dialled, next) => {
        const before = matchDigits(map, dialled);
        const after = matchDigits(map, dialled + next);
        return before.more || (after.complete === undefined && after.timed === undefined && !after.more);
      },
    ),
    { numRuns: 3000 },
  );
  t.pass();
});

test('a map made to explode takes linear time', (t) => {
  const map = parseDigitMap(`(${'x.'.repeat(1000)}9|${'[1-9].'.repeat(300)})`);
  const start = performance.now();
  t.true(matchDigits(map, '1'.repeat(64)).more);
  t.true(performance.now() - start < 2000);
});
