import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { typedLines } from '#cli/typed_lines.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  test(`lines end with ${signal}, and nobody waits for another one`, async (t) => {
    const input = new PassThrough();
    const signals = new EventEmitter();
    const heard: string[] = [];
    const lines = typedLines(input, signals);
    input.write('yes\n');
    for await (const line of lines) {
      heard.push(line);
      signals.emit(signal);
    }
    t.deepEqual(heard, ['yes']);
    t.deepEqual(signals.eventNames(), []);
  });
}

test('what was typed before anybody listened is not lost, nor is its end', async (t) => {
  const input = new PassThrough();
  const signals = new EventEmitter();
  const lines = typedLines(input, signals);
  input.write('early\n');
  await setImmediate();
  signals.emit('SIGINT');
  await setImmediate();
  const heard: string[] = [];
  for await (const line of lines) heard.push(line);
  t.deepEqual(heard, ['early']);
});

test('lines end with their input, and leave signals as they were', async (t) => {
  const input = new PassThrough();
  const signals = new EventEmitter();
  input.end('one\ntwo\n');
  const heard: string[] = [];
  for await (const line of typedLines(input, signals)) heard.push(line);
  t.deepEqual(heard, ['one', 'two']);
  t.deepEqual(signals.eventNames(), []);
});
