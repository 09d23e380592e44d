import test from 'ava';
import fc from 'fast-check';
import { DialPlan, dialPlan, MAX_DIGITS } from '#phone/dial_plan.ts';
import { TIMINGS } from '#phone/timings.ts';

const MAP = '(0T|[2-7]xx|0[1-9]xxxxxxxx|00x.T|*xx|8xxx|8xxxx|1900xxx!)';
const LONG = TIMINGS.firstDigit;
const BETWEEN = TIMINGS.betweenDigits;
const SHORT = TIMINGS.afterCompleteNumber;

const withMap = new DialPlan({ map: MAP, emergency: ['112', '14', '144'] }, TIMINGS);
const withoutMap = new DialPlan({ emergency: ['112', '14', '144'] }, TIMINGS);

/** `send N`, `wait MS N` (N after MS), `wait MS` (nothing after MS), `wrong`. */
function said(plan: DialPlan, digits: string): string {
  const verdict = plan.judge(digits);
  return [verdict.kind, 'ms' in verdict ? verdict.ms : '', 'number' in verdict ? verdict.number : '']
    .filter((word) => word !== '' && word !== undefined)
    .join(' ');
}

const ROWS: readonly (readonly [digits: string, map: string, noMap: string, why: string])[] = [
  ['2', `wait ${LONG}`, `wait ${BETWEEN} 2`, 'no number is that short: a child may search the next digit'],
  ['234', 'send 234', `wait ${BETWEEN} 234`, 'complete, and nothing longer begins so'],
  ['0', `wait ${BETWEEN} 0`, `wait ${BETWEEN} 0`, 'T waits'],
  ['0031', `wait ${BETWEEN} 0031`, `wait ${BETWEEN} 0031`, 'an open number'],
  ['0031#', 'send 0031', 'send 0031', '# ends dialling'],
  ['061', `wait ${BETWEEN}`, `wait ${BETWEEN} 061`, 'incomplete'],
  ['061#', 'wrong', 'send 061', 'ended before it was complete'],
  ['8123', `wait ${SHORT} 8123`, `wait ${BETWEEN} 8123`, 'complete, but one digit may follow'],
  ['81234', 'send 81234', `wait ${BETWEEN} 81234`, 'and it follows'],
  ['8123*', 'send 8123*', `wait ${BETWEEN} 8123*`, 'over-qualified behind a complete number'],
  ['9', 'wrong', `wait ${BETWEEN} 9`, 'no alternative begins so'],
  ['1', `wait ${LONG}`, `wait ${BETWEEN} 1`, 'emergency numbers begin so'],
  ['112', 'send 112', 'send 112', 'an emergency number waits for nothing'],
  ['14', `wait ${SHORT} 14`, `wait ${SHORT} 14`, 'a longer emergency number begins so'],
  ['144', 'send 144', 'send 144', 'the longer one'],
  ['1900123', 'wrong', `wait ${BETWEEN} 1900123`, 'barred'],
  ['#', 'wrong', `wait ${BETWEEN} #`, '# alone is a key like others'],
  ['*41', 'send *41', 'send *41', 'a built-in number beside the map'],
  ['*72', 'send *72', `wait ${BETWEEN} *72`, 'a star code of the exchange'],
  ['*47', `wait ${BETWEEN} *47`, `wait ${BETWEEN} *47`, 'an address follows, although the map takes *xx'],
  ['*47192*0*2*1', `wait ${BETWEEN} *47192*0*2*1`, `wait ${BETWEEN} *47192*0*2*1`, 'a direct address'],
  ['*47192*0*2*1#', 'send *47192*0*2*1', 'send *47192*0*2*1', 'a direct address, ended'],
];

for (const [digits, map, noMap, why] of ROWS) {
  test(`${digits}: ${why}`, (t) => {
    t.is(said(withMap, digits), map);
    t.is(said(withoutMap, digits), noMap);
  });
}

test('a built-in number that the map may extend waits a little', (t) => {
  const plan = new DialPlan({ map: '*41x|xx', emergency: [] }, TIMINGS);
  t.is(said(plan, '*41'), `wait ${SHORT} *41`);
});

test('a map that takes # keeps it as a digit', (t) => {
  const plan = new DialPlan({ map: '*21*x.#|xx', emergency: [] }, TIMINGS);
  t.is(said(plan, '*21*55#'), 'send *21*55#');
});

test('replacements reach numbers from the command line, bars too', (t) => {
  const plan = new DialPlan({ map: '<0:+31>[1-9]xx|1900x!', emergency: ['112'] }, TIMINGS);
  t.is(plan.rewritten('0123'), '+31123');
  t.is(plan.rewritten('112'), '112');
  t.is(plan.rewritten('bob@example.test'), 'bob@example.test');
  t.is(plan.rewritten('19005'), undefined);
});

test('a map that cannot be read is told and left out', (t) => {
  const warnings: string[] = [];
  const plan = dialPlan({ map: '[2-' }, TIMINGS, (text) => warnings.push(text));
  t.is(said(plan, '23#'), 'send 23');
  t.regex(warnings.join(), /digit map/);
});

test('dialling always ends: by the timer, or at the longest number', (t) => {
  const keys = fc.string({
    unit: fc.constantFrom(...'0123456789*#'),
    minLength: 1,
    maxLength: MAX_DIGITS + 2,
  });
  fc.assert(
    fc.property(keys, fc.constantFrom(withMap, withoutMap), (digits, plan) => {
      const verdict = plan.judge(digits);
      if (verdict.kind === 'wait') return verdict.ms > 0 && verdict.ms <= LONG && digits.length <= MAX_DIGITS;
      return verdict.kind === 'wrong' || verdict.number !== '';
    }),
    { numRuns: 3000 },
  );
  t.is(withoutMap.judge('1'.repeat(MAX_DIGITS + 1)).kind, 'wrong');
});

test('every prefix of a complete number waits for the rest', (t) => {
  const number = fc.oneof(
    fc.stringMatching(/^[2-7]\d\d$/),
    fc.stringMatching(/^0[1-9]\d{8}$/),
    fc.constantFrom('112', '144', '*41'),
  );
  fc.assert(
    fc.property(number, (digits) => {
      for (let length = 1; length < digits.length; length++) {
        if (withMap.judge(digits.slice(0, length)).kind !== 'wait') return false;
      }
      const verdict = withMap.judge(digits);
      return verdict.kind === 'send' && verdict.number === digits;
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
