import test from 'ava';
import { HANDSET_STATES } from '#phone/handset_states.ts';
import { callerId, LINE_AT_REST, lineCommands, lineWanted } from '#phone/subscriber_line.ts';
import { Desk } from '../support/desk.ts';

test('a caller is known by the number in his URI, and by his name', (t) => {
  for (const [peer, name, told] of [
    ['sip:2025550123@example.test', 'Bob', { number: '2025550123', name: 'Bob' }],
    ['sip:+31-20-123@example.test;user=phone', '', { number: '+31-20-123' }],
    ['tel:+31201234567', '', { number: '+31201234567' }],
    ['sip:*41%23@example.test', '', { number: '*41#' }],
    ['sips:bob@example.test', '', { name: 'bob' }],
    ['sip:bob@example.test', 'Bob B.', { name: 'Bob B.' }],
    ['sip:example.test', '', {}],
    ['nonsense', '', {}],
    ['sip:anonymous@anonymous.invalid', 'Anonymous', { withheld: true }],
    ['sip:Anonymous@gateway.example', 'Bob', { withheld: true }],
    ['sip:restricted@anonymous.invalid', 'Bob', { withheld: true }],
  ] as const)
    t.deepEqual(callerId({ peer, name }), told, peer);
});

test('digits are awaited at the dial tone and while dialling; nothing else is wanted without a call', (t) => {
  for (const state of HANDSET_STATES) {
    const dialling = state === 'dial-tone' || state === 'dialling';
    t.deepEqual(lineWanted(state, undefined), { ...LINE_AT_REST, dialling });
    t.deepEqual(lineWanted(state, { direction: 'out', answeredAt: undefined }), {
      ...LINE_AT_REST,
      dialling,
    });
  }
});

test('the line is turned over by an answer to us, and broken when the far end leaves', (t) => {
  const out = { direction: 'out', answeredAt: 5 } as const;
  const talking = lineWanted('talking', out);
  t.deepEqual(lineCommands(LINE_AT_REST, talking), [{ kind: 'polarity', reversed: true }]);
  t.deepEqual(lineCommands(talking, lineWanted('holding', out)), []);
  const left = lineWanted('busy', out);
  t.deepEqual(lineCommands(talking, left), [
    { kind: 'polarity', reversed: false },
    { kind: 'loop-break', ms: 400 },
  ]);
  t.deepEqual(lineCommands(left, lineWanted('howler', out)), []);
  t.deepEqual(lineWanted('talking', { ...out, direction: 'in' }), LINE_AT_REST);
});

test('a telephone says so to its board: caller with the bell, dialling, the end', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  t.like(desk.hal('bell')[0], { caller: { name: 'Bob' } });
  t.like(desk.hal('bell')[1], { kind: 'bell', cadence: undefined });
  desk.ended('in-1');
  t.is(desk.hal('loop-break').length, 1);
  desk.putDown();
  desk.lift();
  t.deepEqual(desk.hal('dialling'), [{ kind: 'dialling', dialling: true }]);
  desk.putDown();
  t.deepEqual(desk.hal('dialling').at(-1), { kind: 'dialling', dialling: false });
});
