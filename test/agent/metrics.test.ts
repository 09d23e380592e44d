import test from 'ava';
import { Metrics } from '#agent/metrics.ts';

test('counters and gauges are written with help and type', (t) => {
  const metrics = new Metrics();
  metrics.count('dualtone_sip_messages_total', { direction: 'in', transport: 'udp' });
  metrics.count('dualtone_sip_messages_total', { direction: 'in', transport: 'udp' });
  metrics.drop('stranger');
  const text = metrics.text({ dualtone_calls: 0 });
  t.regex(text, /^dualtone_sip_messages_total\{direction="in",transport="udp"\} 2$/m);
  t.regex(text, /^dualtone_dropped_total\{why="stranger"\} 1$/m);
  t.regex(text, /^# TYPE dualtone_calls gauge\ndualtone_calls 0$/m);
  t.false(text.includes('dualtone_tcp_connections'));
  t.deepEqual(metrics.dropped, { stranger: 1 });
});

test('no label can break the format or fill the memory', (t) => {
  const metrics = new Metrics();
  metrics.drop('a"b\nc\\d');
  t.true(metrics.text({}).includes('{why="a\\"b\\nc\\\\d"} 1'));
  for (let i = 0; i < 10_000; i++) metrics.drop(`word-${i}`);
  t.true(Object.keys(metrics.dropped).length <= 256);
});
