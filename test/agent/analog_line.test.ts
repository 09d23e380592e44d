import test from 'ava';
import { AnalogLine } from '#agent/analog_line.ts';
import type { HalEvent } from '#hal/types.ts';
import type { EngineCommand } from '#media/types.ts';

const NOW = new Date(2026, 10, 20, 4, 34);

function stand() {
  const commands: EngineCommand[] = [];
  const keys: HalEvent[] = [];
  const line = new AnalogLine({
    country: 'SE',
    command: (command) => commands.push(command),
    key: (event) => keys.push(event),
  });
  const part = (name: string, state: 'ok' | 'failed') =>
    line.hardware({ kind: 'part', status: { part: name, state, driver: '', note: '' } }, NOW);
  return { line, commands, keys, part };
}

test('with a line interface that works the engine listens for keys, else not', (t) => {
  const { commands, part } = stand();
  part('hook', 'ok');
  t.deepEqual(commands, []);
  part('line-interface', 'ok');
  part('line-interface', 'ok');
  part('line-interface', 'failed');
  t.deepEqual(commands, [
    { kind: 'line-keys', on: true },
    { kind: 'line-keys', on: false },
  ]);
});

test('keys of the line are keys of the telephone; A to D are not; other events pass', (t) => {
  const { line, keys } = stand();
  for (const key of ['5', '#', 'A', 'D'] as const)
    t.is(line.engine({ kind: 'line-key', key, down: true }), undefined);
  t.deepEqual(keys, [
    { kind: 'key', key: '5', down: true },
    { kind: 'key', key: '#', down: true },
  ]);
  const other = { kind: 'opened', session: 'call', port: 5 } as const;
  t.is(line.engine(other), other);
});

test('when the line listens the engine is told who calls, with the time of the place', (t) => {
  const { line, commands } = stand();
  line.hardware({ kind: 'caller-id', scheme: 'dtmf', caller: { number: '123' }, hook: 'on' }, NOW);
  t.deepEqual(commands, [
    {
      kind: 'caller-id',
      scheme: 'dtmf',
      country: 'SE',
      caller: { number: '123' },
      time: { month: 11, day: 20, hour: 4, minute: 34 },
      hook: 'on',
    },
  ]);
});
