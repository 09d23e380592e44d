/** Whatever a network or a file says, no reader throws, and what it takes for a server is one that could be asked. */
import test from 'ava';
import { parseIp } from '#address/ip.ts';
import { readReply4 } from '#provisioning/discovery/dhcp4_message.ts';
import { factsOf4, readOptions4 } from '#provisioning/discovery/dhcp4_options.ts';
import { readReply6 } from '#provisioning/discovery/dhcp6_message.ts';
import { factsOf6, readOptions6 } from '#provisioning/discovery/dhcp6_options.ts';
import { type Facts, merged, NO_FACTS } from '#provisioning/discovery/facts.ts';
import {
  frameToRouters,
  payload4,
  payload6,
  routerMessage,
  sourceOf6,
} from '#provisioning/discovery/frames.ts';
import { macOctets } from '#provisioning/discovery/identity.ts';
import { readDhclientLeases } from '#provisioning/discovery/lease_dhclient.ts';
import {
  readDhcpcdDump,
  readDhcpcdLease4,
  readDhcpcdLease6,
  readNetworkdLease,
  readNetworkdLink,
} from '#provisioning/discovery/leases.ts';
import { domainOf } from '#provisioning/discovery/octets.ts';
import {
  factsOfRouter,
  readAdvertisement,
  writeSolicitation,
} from '#provisioning/discovery/router_advertisement.ts';
import { serviceUrls } from '#provisioning/discovery/sfua.ts';
import { mutations } from '../../support/mutate.ts';
import { DHCLIENT, DUMP, NETWORKD_LEASE, NETWORKD_LINK } from './lease_texts.ts';
import { ack, hex, join, names, option4, option6, reply, text } from './octets.ts';

const COUNT = 100_000;
const URL_ = text('https://prov.example.net/h/');

const OPTIONS4 = join(
  option4(15, text('example.net')),
  option4(42, hex('c0000203')),
  option4(43, option4(2, URL_)),
  option4(66, text('prov.example.net')),
  option4(67, text('a/{mac}.cfg')),
  option4(101, text('Europe/Amsterdam')),
  option4(119, join(names('eng.example.net'), hex('0161 c004'))),
  option4(120, join(hex('00'), names('pbx.example.net'))),
  option4(125, join(hex('00000de9 1d'), option4(1, URL_))),
  option4(141, names('example.net')),
  option4(150, hex('c0000205')),
  option4(160, URL_),
);
const OPTIONS6 = join(
  option6(17, join(hex('00000009'), option6(1, URL_))),
  option6(21, names('pbx.example.net')),
  option6(22, hex('20010db8 00000000 00000000 00000010')),
  option6(24, names('a.example', 'b.example')),
  option6(42, text('Europe/Amsterdam')),
  option6(56, join(option6(1, hex('20010db8 00000000 00000000 0000007b')), option6(3, names('ntp.example')))),
  option6(58, names('example.net')),
  option6(59, URL_),
);
const REQUEST4 = join(hex('01010600 12345678'), new Uint8Array(20), hex('dca632010203'), new Uint8Array(210));
const REQUEST6 = hex('0b10574e 0001000a 0003 0001 dca632010203');
const ADVERTISEMENT = join(
  hex('86 00 0000 40 c0 0708 00000000 00000000'),
  hex('19 03 0000 00000e10 20010db8 00000000 00000000 00000035'),
  hex('1f 04 0000 00000e10'),
  names('lan.example.net'),
  hex('00 000000000000'),
);
const MAC = macOctets('dca632010203');
const FRAME = frameToRouters(writeSolicitation(MAC), { from: 'fe80::1', mac: MAC });
const NAPTR = text('!^.*$!https://p1.example.net/cfg!');

const string = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');

/** What is read of octets, all of it as facts. */
const READERS: readonly (readonly [
  name: string,
  seeds: readonly Uint8Array[],
  read: (octets: Uint8Array) => Facts,
])[] = [
  ['options of DHCPv4', [OPTIONS4], (octets) => factsOf4(readOptions4(octets), 'eth0')],
  ['options of DHCPv6', [OPTIONS6], (octets) => factsOf6(readOptions6(octets) ?? new Map(), 'eth0')],
  [
    'messages of DHCPv4',
    [ack(REQUEST4, OPTIONS4)],
    (octets) => factsOf4(readReply4(octets)?.options ?? new Map(), 'eth0'),
  ],
  [
    'messages of DHCPv6',
    [reply(REQUEST6, OPTIONS6)],
    (octets) => factsOf6(readReply6(octets)?.options ?? new Map(), 'eth0'),
  ],
  [
    'router advertisements',
    [ADVERTISEMENT],
    (octets) =>
      factsOfRouter(readAdvertisement(octets) ?? { rdnss: [], dnssl: [], captivePortals: [] }, 'eth0'),
  ],
  [
    'leases of systemd-networkd',
    [text(NETWORKD_LEASE)],
    (octets) => readNetworkdLease(string(octets), 'eth0').facts,
  ],
  ['links of systemd-networkd', [text(NETWORKD_LINK)], (octets) => readNetworkdLink(string(octets), 'eth0')],
  ['the word of dhcpcd', [text(DUMP)], (octets) => readDhcpcdDump(string(octets), 'eth0')],
  [
    'packets of dhcpcd',
    [ack(REQUEST4, OPTIONS4)],
    (octets) => readDhcpcdLease4(octets, 'eth0')?.facts ?? NO_FACTS,
  ],
  [
    'packets of dhcpcd, IPv6',
    [reply(REQUEST6, OPTIONS6)],
    (octets) => readDhcpcdLease6(octets, 'eth0')?.facts ?? NO_FACTS,
  ],
  [
    'leases of dhclient',
    [text(DHCLIENT)],
    (octets) => merged(readDhclientLeases(string(octets), 0).map(({ facts }) => facts)),
  ],
];

/** Names the first thing in the facts that nobody could ask; undefined: all is well. */
function wrong(facts: Facts): string | undefined {
  const urls = facts.candidates.map(({ url }) => url);
  const isHost = (host: string) => domainOf(host) !== undefined || parseIp(host) !== undefined;
  const hosts = [...facts.registrars.map(({ host }) => host), ...facts.tftp];
  return [
    ...urls.filter((url) => !URL.canParse(url) || !/^(?:https?|tftp):\/\/[\x21-\x7e]+$/i.test(url)),
    ...facts.domains.map(({ domain }) => domain).filter((domain) => domainOf(domain) !== domain),
    ...hosts.filter((host) => !isHost(host)),
    ...[facts.timezone ?? 'A'].filter((zone) => !/^[\w+/-]+$/.test(zone)),
  ][0];
}

for (const [at, [name, seeds, read]] of READERS.entries()) {
  test(`${name}: ${COUNT} spoilt ones`, (t) => {
    t.not(
      JSON.stringify(read(seeds[0] ?? new Uint8Array(0))),
      JSON.stringify(NO_FACTS),
      'the seed says something',
    );
    for (const octets of mutations(seeds, COUNT, at + 1)) {
      const found = wrong(read(octets));
      if (found !== undefined) t.fail(`${found} of ${Buffer.from(octets).toString('hex')}`);
    }
  });
}

test(`frames: ${COUNT} spoilt ones`, (t) => {
  const udp4 = join(
    hex('ffffffffffff dca632010203 0800 45000020 00000000 4011 0000 0a090001 0a090014 0043 0044 000c 0000'),
    hex('01020304'),
  );
  t.deepEqual([...(payload4(udp4, 68) ?? [])], [1, 2, 3, 4]);
  for (const frame of mutations([FRAME, udp4], COUNT, 99)) {
    const inside = [payload4(frame, 68), payload6(frame, 546), routerMessage(frame)];
    sourceOf6(frame);
    for (const octets of inside) t.true(octets === undefined || octets.length <= frame.length);
  }
});

test(`records of configuration services: ${COUNT} spoilt ones`, (t) => {
  const record = { order: 1, preference: 1, flags: 'u', services: 'SFUA.CFG' };
  for (const octets of mutations([NAPTR], COUNT, 100))
    for (const url of serviceUrls([{ ...record, regexp: string(octets) }]))
      if (!url.toLowerCase().startsWith('https://') || !URL.canParse(url)) t.fail(url);
  t.pass();
});
