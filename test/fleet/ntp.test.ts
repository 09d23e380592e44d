import test, { type ExecutionContext } from 'ava';
import { Ntp } from '#fleet/ntp.ts';
import { until } from '../support/process.ts';
import { timeServer } from '../support/time_server.ts';

function ask(t: ExecutionContext, servers: readonly string[]) {
  const told: { readonly offsets: number[]; readonly troubles: string[] } = { offsets: [], troubles: [] };
  const ntp = new Ntp({
    servers,
    offset: (ms) => void told.offsets.push(ms),
    trouble: (text) => void told.troubles.push(text),
  });
  t.teardown(() => ntp.close());
  ntp.start();
  return told;
}

test('time comes over IPv6 and over IPv4', async (t) => {
  for (const address of ['::1', '127.0.0.1']) {
    const told = ask(t, [await timeServer(t, address, 3_600_000)]);
    await until(
      'an offset',
      async () => told.offsets[0],
      4000,
      () => told.troubles.join(),
    );
    t.true(Math.abs((told.offsets[0] ?? 0) - 3_600_000) < 50);
  }
});

test('one liar among three is not believed', async (t) => {
  const servers = [
    await timeServer(t, '::1', 1_000_000_000),
    await timeServer(t, '127.0.0.1', 60_000),
    await timeServer(t, '127.0.0.2', 60_010),
  ];
  const told = ask(t, servers);
  await until(
    'an offset',
    async () => told.offsets[0],
    4000,
    () => told.troubles.join(),
  );
  t.true(Math.abs((told.offsets[0] ?? 0) - 60_000) < 100);
});

test('a server that has no time, or is none, is told with its reason', async (t) => {
  const told = ask(t, [await timeServer(t, '127.0.0.1', 0, { stratum: 0 }), '127.0.0.1:1']);
  await until(
    'a trouble',
    async () => told.troubles[0],
    4000,
    () => told.offsets.join(),
  );
  t.regex(told.troubles[0] ?? '', /^no time server answers: .*kiss of death/);
  t.deepEqual(told.offsets, []);
});

test('without a server nothing is asked', (t) => {
  const told = ask(t, ['no name at all']);
  t.deepEqual(told, { offsets: [], troubles: [] });
});
