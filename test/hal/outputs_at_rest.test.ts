import test from 'ava';
import { putToRest } from '#hal/linux/outputs_at_rest.ts';

test('outputs that nobody can reach are told, not thrown; but a PWM that is not here cannot ring', async (t) => {
  const rested = await putToRest([
    { kind: 'pwm', name: 'F/R', chip: ['nobody.pwm'], channel: 0 },
    { kind: 'line', name: 'RM', chip: ['nobody'], offset: 17 },
  ]);
  t.deepEqual(
    rested.map(({ name, ok }) => [name, ok]),
    [
      ['F/R', true],
      ['RM', false],
    ],
  );
  for (const { name, note } of rested) t.false(note.startsWith(`${name}:`), note);
});
