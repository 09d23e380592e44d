import test from 'ava';
import fc from 'fast-check';
import { MediaCounters } from '#agent/media_counters.ts';
import { FAMILIES, type MetricName } from '#agent/metric_families.ts';
import { Metrics } from '#agent/metrics.ts';
import { countEvent } from '#agent/sip_counters.ts';
import type { FleetStatus } from '#phone/types.ts';
import { faultsOf } from '../support/exposition.ts';
import { until } from '../support/process.ts';
import { running } from './running_agent.ts';
import { StubServer } from './stub_server.ts';

test('counters and gauges are written with help and type', (t) => {
  const metrics = new Metrics();
  metrics.count('dualtone_sip_messages_total', { direction: 'in', transport: 'udp' });
  metrics.count('dualtone_sip_messages_total', { direction: 'in', transport: 'udp' });
  metrics.drop('stranger');
  const text = metrics.text([
    { name: 'dualtone_calls', value: 0 },
    { name: 'dualtone_neighbours', value: 2, labels: { trust: 'open' } },
  ]);
  t.regex(text, /^dualtone_sip_messages_total\{direction="in",transport="udp"\} 2$/m);
  t.regex(text, /^dualtone_dropped_total\{why="stranger"\} 1$/m);
  t.regex(text, /^# TYPE dualtone_calls gauge\ndualtone_calls 0$/m);
  t.regex(text, /^dualtone_neighbours\{trust="open"\} 2$/m);
  t.false(text.includes('dualtone_tcp_connections'));
  t.deepEqual(metrics.dropped, { stranger: 1 });
  t.deepEqual(faultsOf(text), []);
});

test('no label can break the format or fill the memory', (t) => {
  const metrics = new Metrics();
  metrics.drop('a"b\nc\\d');
  t.true(metrics.text([]).includes('{why="a\\"b\\nc\\\\d"} 1'));
  for (let i = 0; i < 10_000; i++) metrics.drop(`word-${i}`);
  t.true(Object.keys(metrics.dropped).length <= 256);
  t.true(metrics.text([]).split('\n').length < 300);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (account) => {
      const labels = { account };
      const text = new Metrics().text([{ name: 'dualtone_account_registered', value: 1, labels }]);
      t.deepEqual(faultsOf(text), []);
    }),
  );
});

test('every name, help and type keeps the convention', (t) => {
  const names = Object.keys(FAMILIES) as MetricName[];
  t.true(names.length > 30);
  t.deepEqual(faultsOf(new Metrics().text(names.map((name) => ({ name, value: 1 })))), []);
});

for (const [what, text, fault] of [
  ['a metric without help', '# TYPE dualtone_a gauge\ndualtone_a 1\n', /no HELP/],
  ['a metric without type', '# HELP dualtone_a a\ndualtone_a 1\n', /no TYPE/],
  ['a counter without _total', '# HELP dualtone_a a\n# TYPE dualtone_a counter\ndualtone_a 1\n', /_total/],
  ['milliseconds', '# HELP dualtone_a_ms a\n# TYPE dualtone_a_ms gauge\ndualtone_a_ms 1\n', /base unit/],
  ['a series twice', '# HELP dualtone_a a\n# TYPE dualtone_a gauge\ndualtone_a 1\ndualtone_a 1\n', /twice/],
  ['a label that is open', '# HELP dualtone_a a\n# TYPE dualtone_a gauge\ndualtone_a{b="c} 1\n', /no labels/],
  ['another prefix', '# HELP up a\n# TYPE up gauge\nup 1\n', /convention/],
  ['no number', '# HELP dualtone_a a\n# TYPE dualtone_a gauge\ndualtone_a undefined\n', /no series/],
  ['a last line without end', '# HELP dualtone_a a\n# TYPE dualtone_a gauge\ndualtone_a 1', /does not end/],
  [
    'two groups of one metric',
    '# HELP dualtone_a a\n# TYPE dualtone_a gauge\ndualtone_a{b="1"} 1\n# HELP dualtone_c c\n# TYPE dualtone_c gauge\ndualtone_c 1\ndualtone_a{b="2"} 1\n',
    /stand together/,
  ],
] as const) {
  test(`the judge of expositions sees ${what}`, (t) => {
    t.regex(faultsOf(text).join('\n'), fault);
  });
}

const FLEET: FleetStatus = {
  clock: { source: 'ntp', offsetMs: -1500, zone: 'Europe/Amsterdam' },
  provisioning: {
    state: 'trial',
    server: 'pbx.test',
    version: '7 "a"',
    givenUp: 2,
    refused: 'no',
    changes: 1,
  },
  syslog: { lost: 7, waiting: 3 },
};

test('a telephone at work tells its accounts, calls, packets, clock, log and configuration', async (t) => {
  const server = await StubServer.open();
  t.teardown(() => server.close());
  server.date = 'Fri, 20 Nov 2026 12:00:00 GMT';
  const dates: string[] = [];
  const { agent, engine } = await running(
    t,
    15_348,
    { accounts: [server.account, server.account] },
    { fleet: () => FLEET, onDate: (date) => dates.push(date) },
  );
  const { control } = agent;
  await until('registered', () => control.status().accounts.every(({ state }) => state === 'registered'));
  t.deepEqual(dates, [server.date, server.date]);
  const { id } = await control.dial(`sip:bob@127.0.0.1:${server.port}`, { wait: true });
  engine.say({
    kind: 'statistics',
    session: id,
    statistics: { sent: 50, received: 48, lost: 2, jitterMs: 12.5 },
  });
  const text = control.metrics();
  t.deepEqual(faultsOf(text), []);
  for (const line of [
    'dualtone_accounts_registered 2',
    `dualtone_account_registered{account="alice@127.0.0.1"} 1`,
    'dualtone_registrations_total{outcome="made"} 2',
    'dualtone_calls 1',
    'dualtone_calls_total{direction="out"} 1',
    'dualtone_rtp_packets_lost_total 2',
    'dualtone_rtp_jitter_seconds 0.0125',
    'dualtone_neighbours{trust="changed"} 0',
    'dualtone_clock_source{source="ntp"} 1',
    'dualtone_clock_source{source="system"} 0',
    'dualtone_clock_offset_seconds -1.5',
    'dualtone_provisioning_trial 1',
    'dualtone_provisioning_refused 1',
    'dualtone_provisioning_given_up 2',
    'dualtone_provisioning_info{server="pbx.test",version="7 \\"a\\""} 1',
    'dualtone_syslog_lost_total 7',
  ]) {
    t.true(text.split('\n').includes(line), `${line}\n${text}`);
  }
  control.hangUp();
  await until('the call has ended', () => control.metrics().includes('dualtone_calls_ended_total{by="us"'));
  t.false(control.metrics().includes('jitter'), 'nobody talks');
  t.like(control.status(), FLEET);
  t.false(text.includes('s3cret'));
});

test('packets are counted over all calls, and a counter never goes back', (t) => {
  const metrics = new Metrics();
  const packets = new MediaCounters(metrics);
  const value = (kind: string) =>
    Number(new RegExp(`^dualtone_rtp_packets_${kind}_total (\\d+)$`, 'm').exec(metrics.text([]))?.[1]);
  t.is(value('lost'), 0);
  packets.told('one', { sent: 10, received: 8, lost: 3, jitterMs: 1 });
  packets.told('one', { sent: 20, received: 19, lost: 1, jitterMs: 1 });
  t.deepEqual([value('sent'), value('received'), value('lost')], [20, 19, 3]);
  packets.told('two', { sent: 5, received: 5, lost: 0, jitterMs: 1 });
  packets.told('one', { sent: 20, received: 20, lost: 4, jitterMs: 1 });
  t.deepEqual([value('sent'), value('received'), value('lost')], [25, 25, 4]);
});

test('registrations and the ends of calls are counted by what became of them', (t) => {
  const metrics = new Metrics();
  countEvent({ kind: 'registration', account: 'a', state: 'trying' }, metrics);
  countEvent({ kind: 'registration', account: 'a', state: 'registered' }, metrics);
  countEvent({ kind: 'registration', account: 'a', state: 'failed', error: '403' }, metrics);
  countEvent({ kind: 'ended', call: 'c', cause: { by: 'peer', status: 486, reason: 'Busy' } }, metrics);
  countEvent({ kind: 'ended', call: 'd', cause: { by: 'us', reason: '' } }, metrics);
  const text = metrics.text([]);
  t.regex(text, /^dualtone_registrations_total\{outcome="made"\} 1$/m);
  t.regex(text, /^dualtone_registrations_total\{outcome="failed"\} 1$/m);
  t.regex(text, /^dualtone_calls_ended_total\{by="peer",status="4xx"\} 1$/m);
  t.regex(text, /^dualtone_calls_ended_total\{by="us",status="none"\} 1$/m);
});
