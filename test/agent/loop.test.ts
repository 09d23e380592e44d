import test from 'ava';
import { Loop, type LoopParts, type Machine } from '#agent/loop.ts';
import type { PhoneEffect, PhoneInput } from '#phone/types.ts';
import type { SipEffect, SipInput } from '#sip/types.ts';

type Answer<Input, Effect> = (input: Input) => readonly Effect[];

/** A machine that does what the test says; its deadline is set by hand. */
class Puppet<Input, Effect> implements Machine<Input, Effect> {
  deadline = Number.POSITIVE_INFINITY;
  readonly heard: Input[] = [];
  answer: Answer<Input, Effect> = () => [];

  handle(input: Input): readonly Effect[] {
    this.heard.push(input);
    return this.answer(input);
  }
}

function puppets(more: Partial<LoopParts> = {}) {
  const sip = new Puppet<SipInput, SipEffect>();
  const phone = new Puppet<PhoneInput, PhoneEffect>();
  const done: string[] = [];
  const loop = new Loop({
    sip,
    phone,
    perform: (effect) => done.push(effect.kind),
    sipEvent: (event) => event,
    sipCommand: (command) => command,
    failed: (where) => done.push(`failed ${where}`),
    drained: () => done.push('drained'),
    ...more,
  });
  return { sip, phone, done, loop };
}

const RING: PhoneEffect = { kind: 'sip', command: { kind: 'ring', call: '1' } };
const LOG: PhoneEffect = { kind: 'log', level: 'info', text: '' };
const PROGRESS: SipEffect = { kind: 'progress', call: '1', status: 180, reason: 'Ringing' };
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('effects go to the other machine or out, all of them before anything else', (t) => {
  const { sip, phone, done, loop } = puppets();
  sip.answer = (input) => (input.kind === 'ring' ? [{ kind: 'quiet' }] : [PROGRESS]);
  phone.answer = () => [RING, LOG];
  loop.sip({ kind: 'shut-down' });
  t.deepEqual(phone.heard, [{ kind: 'sip', event: PROGRESS }]);
  t.deepEqual(sip.heard, [{ kind: 'shut-down' }, { kind: 'ring', call: '1' }]);
  t.deepEqual(done, ['log', 'quiet', 'drained']);
});

test('an input that comes while draining waits for its turn', (t) => {
  const seen: string[] = [];
  const { phone, loop } = puppets({
    perform: () => {
      loop.phone({ kind: 'answer' });
      seen.push('performed');
    },
  });
  phone.answer = (input) => {
    seen.push(input.kind);
    return input.kind === 'tick' ? [LOG] : [];
  };
  loop.phone({ kind: 'tick' });
  t.deepEqual(seen, ['tick', 'performed', 'answer']);
});

test('a machine that throws loses that input and nothing else', (t) => {
  const { sip, phone, done, loop } = puppets();
  sip.answer = (input) => {
    if (input.kind === 'shut-down') throw new Error('a fault');
    return [];
  };
  loop.sip({ kind: 'shut-down' });
  loop.sip({ kind: 'tick' });
  loop.phone({ kind: 'answer' });
  t.deepEqual(done, ['failed sip/shut-down', 'drained', 'drained', 'drained']);
  t.is(sip.heard.length, 2);
  t.is(phone.heard.length, 1);
});

test('a passage may be turned around', (t) => {
  const { sip, phone, loop } = puppets({ sipCommand: () => ({ ...PROGRESS, kind: 'progress' }) });
  phone.answer = (input) => (input.kind === 'answer' ? [RING] : []);
  loop.phone({ kind: 'answer' });
  t.deepEqual(sip.heard, []);
  t.deepEqual(phone.heard.at(-1), { kind: 'sip', event: PROGRESS });
});

test('the nearest deadline is kept, and only by the machine whose it is', async (t) => {
  const { sip, phone, loop } = puppets();
  const began = performance.now();
  sip.deadline = began + 40;
  phone.deadline = began + 10_000;
  sip.answer = (input) => {
    if (input.kind === 'tick') sip.deadline = Number.POSITIVE_INFINITY;
    return [];
  };
  loop.sip({ kind: 'shut-down' });
  await wait(30);
  t.is(sip.heard.length, 1);
  await wait(60);
  t.deepEqual(sip.heard.at(-1), { kind: 'tick' });
  t.is(sip.heard.length, 2);
  t.deepEqual(phone.heard, []);
  loop.stop();
});

test('a deadline that stays in the past does not take the whole processor', async (t) => {
  const { sip, loop } = puppets();
  sip.deadline = 0;
  loop.sip({ kind: 'shut-down' });
  await wait(120);
  loop.stop();
  t.true(sip.heard.length > 1 && sip.heard.length < 20, `${sip.heard.length}`);
});

test('after stop nothing is handled and no timer is left', async (t) => {
  const { sip, loop } = puppets();
  sip.deadline = performance.now() + 10;
  loop.sip({ kind: 'shut-down' });
  loop.stop();
  loop.sip({ kind: 'shut-down' });
  await wait(30);
  t.is(sip.heard.length, 1);
});
