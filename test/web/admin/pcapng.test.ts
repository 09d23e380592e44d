/** The trace as a file, read by tshark. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { TraceEntry } from '#phone/types.ts';
import { capture } from '#web/admin/pcapng.ts';
import { needing } from '../../support/needs.ts';

const run = promisify(execFile);
const withTshark = needing('tshark');
const TIME = Date.UTC(2026, 10, 20, 9, 30, 1, 234);

function message(method: string, body = '', told = body.length): string {
  return [
    `${method} sip:bob@example.test SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1',
    'From: <sip:alice@example.test>;tag=1',
    'To: <sip:bob@example.test>',
    `Call-ID: ${method}`,
    `CSeq: 1 ${method}`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${told}`,
    '',
    body,
  ].join('\r\n');
}

function entry(part: Partial<TraceEntry>): TraceEntry {
  const ends = { local: '192.0.2.7:15060', remote: '192.0.2.9:5060' };
  return { time: TIME, direction: 'out', transport: 'udp', text: message('OPTIONS'), ...ends, ...part };
}

/** What tshark finds, a line each, fields by tabs; checksums are looked at. */
async function read(entries: readonly TraceEntry[], fields: readonly string[]): Promise<string[][]> {
  const file = join(mkdtempSync(join(tmpdir(), 'dualtone-capture-')), 'trace.pcapng');
  writeFileSync(file, capture(entries, 'dualtone test'));
  const checks = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const wanted = fields.flatMap((field) => ['-e', field]);
  const { stdout } = await run('tshark', ['-r', file, ...checks, '-T', 'fields', ...wanted]);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

const GOOD = '1';

withTshark('tshark reads datagrams of both families, with time, direction and right checksums', async (t) => {
  const found = await read(
    [
      entry({}),
      entry({ direction: 'in', time: TIME + 1, text: message('BYE') }),
      entry({ local: '[2001:db8::7]:17000', remote: '[fe80::1%eth0]:18000', text: message('NOTIFY') }),
    ],
    [
      ...[
        'frame.time_epoch',
        'frame.packet_flags_direction',
        'ip.src',
        'ipv6.src',
        'udp.srcport',
        'udp.dstport',
      ],
      ...['sip.Method', 'ip.checksum.status', 'udp.checksum.status', '_ws.expert'],
    ],
  );
  t.deepEqual(found, [
    [`${TIME / 1000}000000`, '0x00000002', '192.0.2.7', '', '15060', '5060', 'OPTIONS', GOOD, GOOD, ''],
    [`${(TIME + 1) / 1000}000000`, '0x00000001', '192.0.2.9', '', '5060', '15060', 'BYE', GOOD, GOOD, ''],
    [`${TIME / 1000}000000`, '0x00000002', '', '2001:db8::7', '17000', '18000', 'NOTIFY', '', GOOD, ''],
  ]);
});

withTshark('messages of a connection follow each other without a gap, both ways', async (t) => {
  const tcp = { transport: 'tcp' } as const;
  const found = await read(
    [
      entry({ ...tcp, text: message('INVITE', 'v=0\r\n') }),
      entry({ ...tcp, direction: 'in', text: message('OPTIONS') }),
      entry({ ...tcp, text: message('BYE') }),
    ],
    ['tcp.srcport', 'sip.Method', 'tcp.checksum.status', '_ws.expert'],
  );
  t.deepEqual(found, [
    ['15060', 'INVITE', GOOD, ''],
    ['5060', 'OPTIONS', GOOD, ''],
    ['15060', 'BYE', GOOD, ''],
  ]);
});

withTshark('a message larger than a packet is put together again', async (t) => {
  const found = await read(
    [entry({ transport: 'tcp', text: message('MESSAGE', 'x'.repeat(150_000)) }), entry({ transport: 'tcp' })],
    ['sip.Method'],
  );
  t.deepEqual(
    found.flat().filter((method) => method !== ''),
    ['MESSAGE', 'OPTIONS'],
  );
});

withTshark('what passed inside TLS is read as SIP too, with its ends', async (t) => {
  const tls = { transport: 'tls', local: '[2001:db8::7]:40000', remote: '[2001:db8::9]:5061' } as const;
  const found = await read(
    [
      entry(tls),
      entry({ transport: 'tls', direction: 'in', remote: '192.0.2.9:5061', text: message('BYE') }),
    ],
    ['exported_pdu.ipv6_src', 'exported_pdu.ipv4_src', 'exported_pdu.dst_port', 'sip.Method'],
  );
  t.deepEqual(found, [
    ['2001:db8::7', '', '5061', 'OPTIONS'],
    ['', '192.0.2.9', '15060', 'BYE'],
  ]);
});

withTshark('a masked key makes no message unreadable, for its length is told anew', async (t) => {
  const body = 'v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***\r\n';
  const found = await read(
    [
      entry({ transport: 'tcp', text: message('INVITE', body, body.length + 37) }),
      entry({ transport: 'tcp', text: message('BYE') }),
    ],
    ['sip.Method', 'sip.Content-Length', '_ws.malformed'],
  );
  t.deepEqual(found, [
    ['INVITE', String(body.length), ''],
    ['BYE', '0', ''],
  ]);
});

withTshark('an empty trace is a file without packets', async (t) => {
  t.deepEqual(await read([], ['frame.number']), []);
});

test('whatever passed, the file is whole: each block has its length at both ends', (t) => {
  const ends = fc.oneof(
    fc.constantFrom(
      '192.0.2.7:5060',
      '[2001:db8::7]:5060',
      '[::1]:1',
      'nowhere',
      '',
      '[::]:99999',
      '1.2.3.4:',
    ),
    fc.string(),
  );
  const entries = fc.array(
    fc.record({
      time: fc.nat(2 ** 43),
      direction: fc.constantFrom('in' as const, 'out' as const),
      transport: fc.constantFrom('udp' as const, 'tcp' as const, 'tls' as const),
      local: ends,
      remote: ends,
      text: fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constant('x'.repeat(70_000))),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(entries, (list) => {
      const file = capture(list, 'dualtone');
      let at = 0;
      while (at < file.length) {
        const length = file.readUInt32LE(at + 4);
        if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length) return false;
        at += length;
      }
      return at === file.length;
    }),
  );
  t.pass();
});
