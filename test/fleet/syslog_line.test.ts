import test from 'ava';
import fc from 'fast-check';
import { counted, SYSLOG_LEVELS, syslogLine } from '#fleet/syslog_line.ts';

const ORIGIN = { host: 'kitchen', process: 42 };
const TIME = Date.UTC(2026, 10, 20, 12, 0, 0, 5);
const BOM = '\uFEFF';

test('a line carries facility and severity, version, time, host, program and process', (t) => {
  const line = syslogLine({ level: 'warn', text: 'the network has changed', time: TIME }, ORIGIN);
  t.is(
    line.toString(),
    `<28>1 2026-11-20T12:00:00.005Z kitchen dualtone 42 - - ${BOM}the network has changed`,
  );
});

test('levels become the severities of RFC 5424 6.2.1 of a system daemon', (t) => {
  const priority = (level: (typeof SYSLOG_LEVELS)[number]) =>
    syslogLine({ level, text: '', time: 0 }, ORIGIN).toString().slice(0, 4);
  t.deepEqual(SYSLOG_LEVELS.map(priority), ['<31>', '<30>', '<28>', '<27>']);
});

test('line ends and control characters of a text become spaces, so that nobody writes lines of his own', (t) => {
  const line = syslogLine({ level: 'info', text: 'a\r\n<0>1 b\u2028c\u0000', time: 0 }, ORIGIN).toString();
  t.true(line.endsWith(`${BOM}a <0>1 b c `));
});

test('a host whose name cannot be written is left out', (t) => {
  const line = (host: string) => syslogLine({ level: 'info', text: '', time: 0 }, { host, process: 1 });
  t.regex(line('über haus').toString(), / berhaus dualtone /);
  t.regex(line('ü').toString(), / - dualtone /);
});

test('a line that is too long ends with a whole character', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 60, max: 300 }),
      (text, longest) => {
        const line = syslogLine({ level: 'info', text, time: 0 }, ORIGIN, longest);
        t.true(line.length <= longest);
        t.false(line.toString().includes('\uFFFD') && !text.includes('\uFFFD'));
      },
    ),
  );
});

test('on a connection its length in octets goes before', (t) => {
  t.is(counted(Buffer.from('ä')).toString(), '2 ä');
});
