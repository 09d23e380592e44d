/**
 * Each option alone, from Debian's dnsmasq to a candidate, on LANs of every kind; our own client asks. Domains become
 * candidates by the records of DNS that name their configuration service.
 */
import type { ExecutionContext } from 'ava';
import type { Facts } from '#provisioning/discovery/facts.ts';
import { inLab } from '../lab/in_lab.ts';
import {
  Discovering,
  KINDS,
  type Kind,
  SERVER4,
  SERVER6,
  serverAddresses,
  startDnsmasq,
} from './dhcp_servers_stand.ts';
import { Lan } from './lan.ts';

const withLan = inLab('dnsmasq');

const URL_ = 'https://prov.example.net/h/';
const colons = (octets: string) =>
  (Buffer.from(octets, 'latin1').toString('hex').match(/../g) ?? []).join(':');
const SERVICE = colons('\x02cs\x07example\x03net\x00');
const RECORD = 'naptr-record=cs.example.net,10,10,u,SFUA.CFG,!^.*$!https://cfg.example.net/cfg!';

interface Case {
  readonly option: string;
  readonly family: 4 | 6;
  /** Of dnsmasq's configuration. */
  readonly lines: readonly string[];
  /** A server whose URL begins so; or what else it tells. */
  readonly url?: string;
  readonly fact?: (facts: Facts) => boolean;
}

const registrar = (host: string) => (facts: Facts) => facts.registrars.some((one) => one.host === host);
const time = (server: string) => (facts: Facts) => facts.ntp.includes(server);
const zone = (facts: Facts) => facts.timezone === 'Europe/Amsterdam';
const rule = (facts: Facts) => facts.posixTimezone === 'CET-1CEST';
const SFUA = 'https://cfg.example.net/cfg';

const CASES: readonly Case[] = [
  { option: '66', family: 4, lines: [`dhcp-option=66,"${URL_}"`], url: URL_ },
  {
    option: '66 and 67',
    family: 4,
    lines: ['dhcp-option=66,"https://prov.example.net"', 'dhcp-option=67,"h/{mac}.cfg"'],
    url: `${URL_}{mac}.cfg`,
  },
  { option: '67', family: 4, lines: [`dhcp-option=67,"${URL_}"`], url: URL_ },
  { option: '43', family: 4, lines: [`dhcp-option=43,"${URL_}"`], url: URL_ },
  { option: '43, sub 2', family: 4, lines: [`dhcp-option=43,02:1b:${colons(URL_)}`], url: URL_ },
  { option: '125', family: 4, lines: [`dhcp-option=vi-encap:9,1,"${URL_}"`], url: URL_ },
  { option: '150', family: 4, lines: ['dhcp-option=150,10.9.0.2'], url: 'http://10.9.0.2/' },
  { option: '159', family: 4, lines: [`dhcp-option=159,"${URL_}"`], url: URL_ },
  { option: '160', family: 4, lines: [`dhcp-option=160,"${URL_}"`], url: URL_ },
  { option: '141', family: 4, lines: [`dhcp-option=141,${SERVICE}`, RECORD], url: SFUA },
  { option: '15', family: 4, lines: ['dhcp-option=15,cs.example.net', RECORD], url: SFUA },
  {
    option: '119',
    family: 4,
    lines: ['dhcp-option=119,other.example.net,cs.example.net', RECORD],
    url: SFUA,
  },
  {
    option: '120, a name',
    family: 4,
    lines: ['dhcp-option=120,pbx.example.net'],
    fact: registrar('pbx.example.net'),
  },
  { option: '120, an address', family: 4, lines: ['dhcp-option=120,10.9.0.5'], fact: registrar('10.9.0.5') },
  { option: '42', family: 4, lines: ['dhcp-option=42,10.9.0.3'], fact: time('10.9.0.3') },
  { option: '100', family: 4, lines: ['dhcp-option=100,"CET-1CEST"'], fact: rule },
  { option: '101', family: 4, lines: ['dhcp-option=101,"Europe/Amsterdam"'], fact: zone },
  { option: '59', family: 6, lines: [`dhcp-option=option6:59,"${URL_}"`], url: URL_ },
  {
    option: '17',
    family: 6,
    lines: [`dhcp-option=option6:17,00:00:00:09:00:01:00:1b:${colons(URL_)}`],
    url: URL_,
  },
  { option: '58', family: 6, lines: [`dhcp-option=option6:58,${SERVICE}`, RECORD], url: SFUA },
  { option: '24', family: 6, lines: ['dhcp-option=option6:domain-search,cs.example.net', RECORD], url: SFUA },
  {
    option: '21',
    family: 6,
    lines: ['dhcp-option=option6:sip-server-domain,cs.example.net', RECORD],
    url: SFUA,
    fact: registrar('cs.example.net'),
  },
  {
    option: '22',
    family: 6,
    lines: ['dhcp-option=option6:sip-server,[2001:db8:9::5]'],
    fact: registrar('2001:db8:9::5'),
  },
  {
    option: '56',
    family: 6,
    lines: ['dhcp-option=option6:ntp-server,[2001:db8:9::7b]'],
    fact: time('2001:db8:9::7b'),
  },
  {
    option: '31',
    family: 6,
    lines: ['dhcp-option=option6:31,[2001:db8:9::7c]'],
    fact: time('2001:db8:9::7c'),
  },
  { option: '41', family: 6, lines: ['dhcp-option=option6:41,"CET-1CEST"'], fact: rule },
  { option: '42', family: 6, lines: ['dhcp-option=option6:42,"Europe/Amsterdam"'], fact: zone },
];

/** Of a bare address three ways are tried. */
const OTHERS: Readonly<Record<string, number>> = { '150': 3 };

async function arrives(t: ExecutionContext, kind: Kind, one: Case): Promise<void> {
  await using lan = await Lan.create(serverAddresses(kind));
  lan.setResolvers(kind.ipv6 ? SERVER6 : SERVER4);
  if (kind.ipv4) await lan.giveAddress('10.9.0.20/24');
  await startDnsmasq(lan, kind, one.lines);
  const discovering = new Discovering(lan);
  const { url, fact } = one;
  if (url !== undefined) {
    await discovering.until(url, () => discovering.urls.some((other) => other.startsWith(url)));
    t.is(
      discovering.urls.filter((other) => !other.startsWith('https://prov.example.net')).length,
      OTHERS[one.option] ?? (url.startsWith('https://prov') ? 0 : 1),
    );
  }
  if (fact !== undefined)
    await discovering.until('the fact', () => discovering.facts !== undefined && fact(discovering.facts));
  t.pass();
}

for (const one of CASES) {
  const kinds = KINDS.filter((kind) => (one.family === 4 ? kind.ipv4 : kind.ipv6));
  withLan(
    `of DHCPv${one.family} option ${one.option} alone arrives, on ${kinds.map(({ name }) => name).join(' and ')}`,
    async (t) => {
      await Promise.all(kinds.map((kind) => arrives(t, kind, one)));
    },
  );
}

withLan('a router\u2019s search domain (DNSSL) is enough on an IPv6-only LAN without DHCP', async (t) => {
  const kind = { name: '', ipv4: false, ipv6: true };
  await using lan = await Lan.create(serverAddresses(kind));
  lan.setResolvers(SERVER6);
  const lines = ['dhcp-option=option6:domain-search,cs.example.net', RECORD];
  await startDnsmasq(lan, { ...kind, ipv6: false }, [
    'enable-ra',
    'dhcp-range=2001:db8:9::,ra-only',
    ...lines,
  ]);
  const discovering = new Discovering(lan);
  await discovering.until(SFUA, () => discovering.urls.some((url) => url.startsWith(SFUA)));
  t.like(discovering.facts?.domains[0], { domain: 'cs.example.net', kind: 'router', family: 6 });
});

withLan('on a dual LAN what IPv6 tells comes first, three seconds after the first answer', async (t) => {
  const kind = { name: '', ipv4: true, ipv6: true };
  await using lan = await Lan.create(serverAddresses(kind));
  await lan.giveAddress('10.9.0.20/24');
  await startDnsmasq(lan, kind, [
    'dhcp-option=66,"https://four.example.net/"',
    'dhcp-option=160,"http://10.9.0.2/"',
    'dhcp-option=option6:59,"https://six.example.net/"',
  ]);
  const discovering = new Discovering(lan);
  await discovering.until('candidates', () => discovering.urls.length > 0);
  t.deepEqual(discovering.urls, [
    'https://six.example.net/',
    'http://10.9.0.2/',
    'https://four.example.net/',
  ]);
  const at = (found: (said: Discovering['said'][number]) => boolean) => discovering.said.find(found)?.at ?? 0;
  const told = at(({ candidates }) => candidates !== undefined);
  const waited = told - at(({ facts }) => (facts?.candidates.length ?? 0) > 0);
  t.true(waited >= 2_900 && waited < 4_500, `${waited} ms`);
  t.true(told < 6_000);
});

withLan('without any privilege dnsmasq is heard over IPv4, and what is missing is said', async (t) => {
  const kind = { name: '', ipv4: true, ipv6: true };
  await using lan = await Lan.create(serverAddresses(kind));
  await lan.giveAddress('10.9.0.20/24');
  await startDnsmasq(lan, kind, [`dhcp-option=66,"${URL_}"`]);
  const powerless = ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', '--no-new-privs'];
  const discovering = new Discovering(lan, {}, powerless);
  await discovering.until(URL_, () => discovering.urls.includes(URL_));
  const notes = () => discovering.said.flatMap(({ note }) => note ?? []).join('\n');
  await discovering.until(
    'the notes',
    () => /give CAP_NET_RAW, or have/.test(notes()) && /routers/.test(notes()),
  );
  t.regex(
    notes(),
    /DHCP for IPv4 on eth0: there is no packet socket \(EPERM\), and port 68 is not to be had \(EACCES\)/,
  );
});

withLan('with the privilege of ports alone the ports of clients are used, over both families', async (t) => {
  const kind = { name: '', ipv4: true, ipv6: true };
  await using lan = await Lan.create(serverAddresses(kind));
  await lan.giveAddress('10.9.0.20/24');
  const six = 'https://six.example.net/';
  await startDnsmasq(lan, kind, [`dhcp-option=66,"${URL_}"`, `dhcp-option=option6:59,"${six}"`]);
  const ports = ['setpriv', '--bounding-set', '-all,+net_bind_service', '--no-new-privs'];
  const discovering = new Discovering(lan, {}, ports);
  await discovering.until('both', () => [URL_, six].every((url) => discovering.urls.includes(url)));
  t.false(discovering.said.some(({ note }) => /DHCP/.test(note ?? '')));
});
