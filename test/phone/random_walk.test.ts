/** Hands, peer, network and engine do what they like: the telephone keeps its promises after every step. */
import test from 'ava';
import fc from 'fast-check';
import { HANDSET_STATES, type HandsetState } from '#phone/handset_states.ts';
import { COLUMNS, width } from '#phone/screen_text.ts';
import { Desk, FLOW, peerOffer } from '../support/desk.ts';

const SILENT: readonly HandsetState[] = ['idle', 'ringing', 'calling', 'early-media', 'talking', 'holding'];

/** The newest call that the user agent still knows, whether the telephone has ended it or not. */
function newest(desk: Desk): string {
  return desk.phone.calls().at(-1)?.id ?? 'nobody';
}

/** The peer's answer, if it was ever made an offer. */
function answer(desk: Desk, early: boolean): void {
  const [offer] = desk.commands('described').slice(-1);
  if (offer) desk.answered(newest(desk), early);
}

let incoming = 0;
const STEPS: Readonly<Record<string, (desk: Desk) => void>> = {
  lift: (desk) => desk.lift(),
  'put down': (desk) => desk.putDown(),
  flash: (desk) => desk.flash(),
  digit: (desk) => desk.press('7'),
  star: (desk) => desk.press('*'),
  hash: (desk) => desk.press('#'),
  echo: (desk) => desk.press('*41'),
  dial: (desk) => desk.give({ kind: 'dial', request: 1, number: '123' }),
  'dial a service': (desk) => desk.give({ kind: 'dial', request: 1, number: '*42' }),
  answer: (desk) => desk.give({ kind: 'answer' }),
  'self-test': (desk) => desk.give({ kind: 'selftest' }),
  'hang up': (desk) => desk.give({ kind: 'hang-up' }),
  louder: (desk) => desk.give({ kind: 'hal', event: { kind: 'volume', step: 1 } }),
  incoming: (desk) => desk.incoming(`in-${++incoming}`),
  'ask for an offer': (desk) => desk.sip({ kind: 'describe', call: newest(desk), flow: FLOW }),
  'bring an offer': (desk) =>
    desk.sip({ kind: 'describe', call: newest(desk), flow: FLOW, remote: peerOffer() }),
  hold: (desk) =>
    desk.sip({ kind: 'describe', call: newest(desk), flow: FLOW, remote: peerOffer('sendonly') }),
  ring: (desk) => desk.progress(newest(desk), 180),
  progress: (desk) => desk.progress(newest(desk), 183),
  'early answer': (desk) => answer(desk, true),
  'final answer': (desk) => answer(desk, false),
  'bad answer': (desk) => desk.sip({ kind: 'answer', call: newest(desk), sdp: 'v=0', early: true }),
  established: (desk) => desk.sip({ kind: 'established', call: newest(desk), flow: FLOW }),
  refused: (desk) => desk.sip({ kind: 'reinvite-refused', call: newest(desk), status: 488 }),
  ended: (desk) => desk.ended(newest(desk)),
  'no such number': (desk) => desk.ended(newest(desk), { status: 404 }),
  'no port': (desk) =>
    desk.give({ kind: 'media', event: { kind: 'failed', session: newest(desk), error: 'none' } }),
  offline: (desk) => desk.give({ kind: 'addresses', addresses: { ipv4: [], ipv6: [] } }),
  second: (desk) => desk.clock.run(1000),
  'two minutes': (desk) => desk.clock.run(120_000),
};

/** Walks begin here, so that each of them has something to spoil. */
const OPENINGS: readonly (readonly string[])[] = [
  [],
  ['incoming'],
  ['lift', 'star'],
  ['lift', 'two minutes'],
  ['lift', 'echo'],
  ['dial', 'ask for an offer'],
  ['dial', 'ask for an offer', 'ring'],
  ['dial', 'ask for an offer', 'progress', 'early answer'],
  ['incoming', 'lift', 'bring an offer', 'established'],
  ['incoming', 'lift', 'bring an offer', 'established', 'flash'],
  ['lift', 'digit', 'hash', 'ask for an offer', 'no such number'],
];

/** `isTesting`: a self-test may be under way, which rings and sounds while the handset rests. */
function promises(desk: Desk, isTesting: boolean): string | undefined {
  const { phone } = desk;
  const { state } = phone;
  const front = phone.front();
  const alive = phone.calls().filter((call) => call.state !== 'ended');
  const isQuiet = !isTesting || state !== 'idle';
  if (isQuiet && (front.bell !== null) !== (state === 'ringing'))
    return 'the bell rings exactly while ringing';
  if ((front.hook === 'on') !== (state === 'idle' || state === 'ringing')) return 'the line is seized';
  if (isQuiet && desk.tone !== undefined && SILENT.includes(state)) return `a tone sounds while ${state}`;
  if (alive.length > 1) return 'one call at a time';
  if (alive.length === 0 && !['nothing', undefined].includes(desk.joined)) return 'the handset hears nobody';
  if (state === 'idle' && alive.length > 0) return 'a call goes on while the handset rests';
  if (front.lines.length !== 4 || front.lines.some((line) => width(line) > COLUMNS)) return 'the display';
  if (Number.isNaN(phone.deadline) || phone.deadline <= desk.clock.now - 1) return 'a deadline in the past';
  return undefined;
}

test('whatever happens in whatever order, the promises hold and the handset comes to rest', (t) => {
  const reached = new Set<HandsetState>();
  const opening = fc.constantFrom(...OPENINGS);
  const walk = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 40 });
  fc.assert(
    fc.property(opening, walk, (first, then) => {
      let isTesting = false;
      const desk = new Desk({
        watch: (effect) => {
          // A second one is refused at once; the first goes on.
          if (effect.kind === 'selftest-over') isTesting &&= effect.error === 'a self-test is under way';
        },
      });
      for (const step of [...first, ...then]) {
        isTesting ||= step === 'self-test';
        STEPS[step]?.(desk);
        reached.add(desk.phone.state);
        const broken = promises(desk, isTesting);
        if (broken !== undefined) throw new Error(`after ${step}, ${desk.phone.state}: ${broken}`);
      }
      desk.give({ kind: 'hang-up' });
      desk.putDown();
      desk.clock.run(600_000);
      return desk.phone.state === 'idle' && desk.phone.deadline === Number.POSITIVE_INFINITY;
    }),
    { numRuns: 1500 },
  );
  t.deepEqual([...reached].sort(), [...HANDSET_STATES].sort());
});
