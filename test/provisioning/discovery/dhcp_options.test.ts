/** What each option says. Octets are those of the RFCs and of servers in the field. */
import test from 'ava';
import fc from 'fast-check';
import { factsOf4, readOptions4 } from '#provisioning/discovery/dhcp4_options.ts';
import { factsOf6, readOptions6 } from '#provisioning/discovery/dhcp6_options.ts';
import { type Facts, merged } from '#provisioning/discovery/facts.ts';
import { domainsIn } from '#provisioning/discovery/octets.ts';
import { hex, join, names, option4, option6, text } from './octets.ts';

const facts4 = (...options: readonly Uint8Array[]): Facts => factsOf4(readOptions4(join(...options)), 'eth0');
const facts6 = (...options: readonly Uint8Array[]): Facts =>
  factsOf6(readOptions6(join(...options)) ?? new Map(), 'eth0');
const urls = ({ candidates }: Facts) => candidates.map(({ url }) => url);
const domains = (facts: Facts) => facts.domains.map(({ domain, kind }) => `${domain} ${kind}`);
const hosts = ({ registrars }: Facts) => registrars.map(({ host }) => host);

const URL_ = 'https://prov.example.net/h/';

test('SIP servers are names or addresses, as the first octet says (RFC 3361)', (t) => {
  const byName = hex('78 12 00 03 70 62 78 07 65 78 61 6d 70 6c 65 03 6e 65 74 00');
  t.deepEqual(hosts(facts4(byName)), ['pbx.example.net']);
  t.deepEqual(hosts(facts4(hex('78 09 01 c0 00 02 0a c0 00 02 0b'))), ['192.0.2.10', '192.0.2.11']);
  t.deepEqual(hosts(facts4(hex('78 05 02 c0 00 02 0a'))), []);
});

test('domains of the configuration service (RFC 6011) come over both families', (t) => {
  t.deepEqual(domains(facts4(hex('8d 0d 07 65 78 61 6d 70 6c 65 03 6e 65 74 00'))), ['example.net service']);
  t.deepEqual(domains(facts6(hex('00 3a 00 0d 07 65 78 61 6d 70 6c 65 03 6e 65 74 00'))), [
    'example.net service',
  ]);
});

test('SIP servers of DHCPv6 are names and addresses (RFC 3319)', (t) => {
  const names6 = hex('00 15 00 11 03 70 62 78 07 65 78 61 6d 70 6c 65 03 6e 65 74 00');
  const addresses = hex('00 16 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10');
  const facts = facts6(names6, addresses);
  t.deepEqual(hosts(facts), ['pbx.example.net', '2001:db8::10']);
  t.deepEqual(domains(facts), ['pbx.example.net sip']);
});

test('time servers are addresses, or names in suboptions (RFC 5908)', (t) => {
  const address = hex('00 38 00 14 00 01 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 7b');
  t.deepEqual(facts6(address).ntp, ['2001:db8::7b']);
  t.deepEqual(facts6(option6(56, option6(3, names('ntp.example.net')))).ntp, ['ntp.example.net']);
  t.deepEqual(facts6(option6(56, option6(2, hex('ff05 0000 0000 0000 0000 0000 0000 0101')))).ntp, []);
  t.deepEqual(facts6(option6(31, hex('2001 0db8 0000 0000 0000 0000 0000 007b'))).ntp, ['2001:db8::7b']);
  t.deepEqual(facts4(option4(42, hex('c0000203 c0000204'))).ntp, ['192.0.2.3', '192.0.2.4']);
});

test('the boot file of DHCPv6 is a server (RFC 5970)', (t) => {
  const facts = facts6(join(hex('00 3b 00 1b'), text(URL_)));
  t.like(facts.candidates[0], { step: 'dhcp', url: URL_, family: 6, from: 'DHCPv6 option 59 on eth0' });
});

test('a server stands before another by its option, not by its place in the message', (t) => {
  const facts = merged([
    facts4(
      option4(150, hex('c0000205')),
      option4(43, text('http://forty-three.example/')),
      option4(66, text('http://sixty-six.example/')),
      option4(159, text('http://one-five-nine.example/')),
      option4(160, text('http://one-six-zero.example/')),
      option4(125, join(hex('00000009 1e'), option4(1, text('http://one-two-five.example/')))),
    ),
    facts6(option6(17, join(hex('00000009'), option6(1, text('http://seventeen.example/'))))),
    facts6(option6(59, text('http://fifty-nine.example/'))),
  ]);
  t.deepEqual(urls(facts), [
    'http://fifty-nine.example/',
    'http://seventeen.example/',
    'http://one-two-five.example/',
    'http://one-six-zero.example/',
    'http://one-five-nine.example/',
    'http://sixty-six.example/',
    'http://forty-three.example/',
    ...ways('192.0.2.5/'),
  ]);
});

for (const code of [159, 160]) {
  test(`option ${code} is a server only where it is a URL of one`, (t) => {
    t.deepEqual(urls(facts4(option4(code, text(URL_)))), [URL_]);
    // RFC 7618: port parameters; the same number for something else.
    t.deepEqual(urls(facts4(option4(code, hex('06 04 1000 0000')))), []);
    t.deepEqual(urls(facts4(option4(code, text('prov.example.net')))), []);
    t.deepEqual(urls(facts4(option4(code, text('ftp://prov.example.net/')))), []);
  });
}

test('a captive portal is no server, whichever option names it', (t) => {
  const portal = text('https://portal.example.net/api');
  t.deepEqual(urls(merged([facts4(option4(160, portal), option4(114, portal))])), []);
  t.deepEqual(urls(merged([facts4(option4(160, portal)), facts6(option6(103, portal))])), []);
});

test('the makers\u2019 option 43 is a URL, or one of their options is', (t) => {
  const value = (octets: Uint8Array) => urls(facts4(option4(43, octets)));
  t.deepEqual(value(text(URL_)), [URL_]);
  t.deepEqual(value(join(text(URL_), hex('00'))), [URL_], 'ends with NUL');
  for (const code of [1, 2, 66, 67, 160])
    t.deepEqual(value(option4(code, text(URL_))), [URL_], `sub ${code}`);
  t.deepEqual(
    value(join(option4(3, hex('0102')), option4(2, text(URL_)), hex('ff'))),
    [URL_],
    'ends with 255',
  );
  t.deepEqual(value(option4(3, text(URL_))), [], 'an option that nobody uses for it');
  t.deepEqual(value(hex('0102')), []);
  t.deepEqual(value(text('https:/')), []);
});

test('options of enterprises name a server under any of their numbers, a management server last', (t) => {
  const acs = option4(1, text('http://acs.example/'));
  const other = option4(7, text(URL_));
  const blocks = join(hex('00000de9'), Uint8Array.of(acs.length + other.length), acs, other);
  t.deepEqual(urls(facts4(option4(125, blocks))), [URL_, 'http://acs.example/']);
  const two = join(hex('00000009 02 0100'), hex('000000be'), Uint8Array.of(other.length), other);
  t.deepEqual(urls(facts4(option4(125, two))), [URL_]);
  t.deepEqual(urls(facts6(option6(17, join(hex('00000be9'), text(URL_))))), [URL_], 'the URL alone');
});

/** Of a server that says nothing of how it is asked. */
const ways = (bare: string) => ['https', 'http', 'tftp'].map((scheme) => `${scheme}://${bare}`);

const TFTP: readonly (readonly [server: string, file: string | undefined, expected: readonly string[]])[] = [
  [URL_, undefined, [URL_]],
  [
    'http://prov.example.net',
    'snom/{mac}.xml',
    ['http://prov.example.net/snom/{mac}.xml', 'http://prov.example.net'],
  ],
  ['http://prov.example.net/', '/snom.xml', ['http://prov.example.net/snom.xml', 'http://prov.example.net/']],
  ['192.0.2.1', undefined, ways('192.0.2.1/')],
  ['192.0.2.1', 'pxelinux.0', [...ways('192.0.2.1/pxelinux.0'), ...ways('192.0.2.1/')]],
  ['prov.example.net:6969/dir/', undefined, ways('prov.example.net:6969/dir/')],
  ['192.0.2.1', 'https://prov.example.net/x', ['https://prov.example.net/x', ...ways('192.0.2.1/')]],
  ['two words', undefined, []],
  ['javascript://x', undefined, []],
];

test('options 66 and 67 are a URL, a server by tradition, or a server and a path', (t) => {
  for (const [server, file, expected] of TFTP) {
    const options = [option4(66, text(server)), ...(file === undefined ? [] : [option4(67, text(file))])];
    t.deepEqual(urls(facts4(...options)), expected, server);
  }
  t.deepEqual(urls(facts4(option4(67, text(URL_)))), [URL_]);
  t.deepEqual(urls(facts4(option4(67, text('pxelinux.0')))), []);
});

test('search domains may point to one another (RFC 3397)', (t) => {
  const value = join(names('eng.example.net'), hex('05'), text('sales'), hex('c004'));
  t.deepEqual(domains(facts4(option4(119, value))), ['eng.example.net network', 'sales.example.net network']);
  t.deepEqual(domains(facts4(option4(119, hex('c000')))), [], 'a name that is its own end');
  t.deepEqual(domains(facts4(option4(119, hex('0161 c005 c003')))), []);
  t.deepEqual(domains(facts4(option4(119, hex('02c001 00 c001')))), [], 'a pointer in a label, to itself');
});

test('an option in several pieces is one (RFC 3396)', (t) => {
  const value = names('eng.example.net', 'sales.example.net');
  const facts = facts4(
    option4(119, value.subarray(0, 9)),
    option4(15, text('example.net.')),
    option4(119, value.subarray(9)),
  );
  t.deepEqual(domains(facts).toSorted(), [
    'eng.example.net network',
    'example.net network',
    'sales.example.net network',
  ]);
});

test('domains are also read from servers that write them as text', (t) => {
  t.deepEqual(domainsIn(text('one.example.net two.example.net')), ['one.example.net', 'two.example.net']);
  t.deepEqual(domains(facts6(option6(58, text('cs.example.net')))), ['cs.example.net service']);
});

test('time zones have names or rules (RFC 4833), and nothing else passes for one', (t) => {
  t.is(facts4(option4(101, text('Europe/Amsterdam'))).timezone, 'Europe/Amsterdam');
  t.is(facts6(option6(42, text('America/Argentina/Ushuaia'))).timezone, 'America/Argentina/Ushuaia');
  t.is(facts4(option4(101, text('../../etc/passwd'))).timezone, undefined);
  const rule = 'EST5EDT4,M3.2.0/02:00,M11.1.0/02:00';
  t.is(facts4(option4(100, text(rule))).posixTimezone, rule);
  t.is(facts6(option6(41, text('<+01>-1'))).posixTimezone, '<+01>-1');
  t.is(facts4(option4(100, text('$(reboot)'))).posixTimezone, undefined);
});

test('addresses that are nobody\u2019s, and halves of addresses, are not taken', (t) => {
  t.deepEqual(facts4(option4(150, hex('00000000 e0000001 c0000201'))).tftp, ['192.0.2.1']);
  t.deepEqual(facts4(option4(150, hex('c00002'))).tftp, []);
});

test('what several servers say is told once', (t) => {
  const one = facts4(option4(66, text(URL_)), option4(42, hex('c0000203')));
  t.is(merged([one, one]).candidates.length, 1);
  t.is(merged([one, one]).ntp.length, 1);
});

const label = fc.stringMatching(/^[a-z\d](?:[a-z\d-]{0,8}[a-z\d])?$/);
const domain = fc.array(label, { minLength: 2, maxLength: 5 }).map((labels) => labels.join('.'));

test('names that are written are read', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(domain, { minLength: 1, maxLength: 6 }), (all) => {
      const isAddress = all.some((name) => /^[\d.]+$/.test(name));
      fc.pre(!isAddress);
      return JSON.stringify(domainsIn(names(...all))) === JSON.stringify(all);
    }),
  );
  t.pass();
});
