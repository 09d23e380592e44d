/** What a selftest says of a sound card, on an engine that says what the test wants. */
import test from 'ava';
import type { Engine } from '#engine/client.ts';
import { selftestSound } from '#engine/selftest_sound.ts';
import type { EngineEvent } from '#media/types.ts';

function silentEngine() {
  let tell = (_event: EngineEvent): void => {};
  const engine = {
    command: () => {},
    onEvent: (listener: (event: EngineEvent) => void) => {
      tell = listener;
    },
    stop: async () => {},
  } as unknown as Engine;
  return { engine, tell: (event: EngineEvent) => tell(event) };
}

const CARD = { input: 'plughw:CARD=Headset', output: 'plughw:CARD=Headset' };

test('a card that opens late is waited for', async (t) => {
  const { engine, tell } = silentEngine();
  const opened = selftestSound(CARD, { engine, patience: 3000 }).open();
  tell({ kind: 'device', part: 'output', state: 'ok', note: CARD.output });
  setTimeout(() => tell({ kind: 'device', part: 'input', state: 'ok', note: CARD.input }), 200);
  t.deepEqual(
    (await opened).map(({ part, state }) => [part, state]),
    [
      ['sound input', 'ok'],
      ['sound output', 'ok'],
    ],
  );
});

test('a card that says nothing has failed', async (t) => {
  const { engine, tell } = silentEngine();
  const opened = selftestSound(CARD, { engine, patience: 100 }).open();
  tell({ kind: 'device', part: 'output', state: 'ok', note: CARD.output });
  const [input, output] = await opened;
  t.like(input, { part: 'sound input', state: 'failed', note: 'was not opened within 0.1 s' });
  t.like(output, { state: 'ok' });
});

test('what is no card is not spoken of', async (t) => {
  const { engine } = silentEngine();
  t.deepEqual(await selftestSound({ input: 'silence', output: 'null' }, { engine }).open(), []);
});
