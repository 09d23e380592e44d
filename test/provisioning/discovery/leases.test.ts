/** Leases as the clients of Debian write them, shortened. */
import test from 'ava';
import { readDhclientLeases } from '#provisioning/discovery/lease_dhclient.ts';
import {
  readDhcpcdDump,
  readDhcpcdLease4,
  readDhcpcdLease6,
  readNetworkdLease,
  readNetworkdLink,
} from '#provisioning/discovery/leases.ts';
import { DHCLIENT, DUMP, NETWORKD_LEASE, NETWORKD_LINK } from './lease_texts.ts';
import { ack, hex, join, names, option4, option6, reply, text } from './octets.ts';

test('systemd-networkd keeps what DHCPv4 told in a file for each interface', (t) => {
  const { addresses, facts } = readNetworkdLease(NETWORKD_LEASE, 'eth0');
  t.deepEqual(addresses, ['10.9.0.64']);
  t.deepEqual(
    facts.candidates.map(({ url, from }) => `${url} ${from}`),
    [
      'https://one-six-zero.example/ DHCPv4 option 160 on eth0, lease of systemd-networkd',
      'http://vendor.example.net/ DHCPv4 option 43 on eth0, lease of systemd-networkd',
    ],
  );
  t.deepEqual(
    facts.domains.map(({ domain }) => domain),
    ['lan.example.net', 'a.example', 'b.example'],
  );
  t.deepEqual(facts.ntp, ['10.9.0.3']);
  t.is(facts.timezone, 'Europe/Amsterdam');
  t.deepEqual(
    facts.registrars.map(({ host }) => host),
    ['10.9.0.5'],
  );
});

test('what systemd-networkd was told by DHCPv6 and routers stands with the link', (t) => {
  const facts = readNetworkdLink(NETWORKD_LINK, 'eth0');
  t.deepEqual(
    facts.domains.map(({ domain }) => domain),
    ['lan.example.net', 'v6.example.net'],
  );
  t.deepEqual(facts.ntp, ['10.9.0.3', '2001:db8:9::7b']);
});

test('dhcpcd keeps the packets of its servers', (t) => {
  const request = join(
    hex('01010600 12345678'),
    new Uint8Array(20),
    hex('dca632010203'),
    new Uint8Array(210),
  );
  const four = ack(request, option4(160, text('https://poly.example.net/')));
  four.set([10, 9, 0, 63], 16);
  const lease = readDhcpcdLease4(four, 'eth0');
  t.deepEqual(lease?.addresses, ['10.9.0.63']);
  t.is(lease?.facts.candidates[0]?.url, 'https://poly.example.net/');
  const address = join(hex('20010db8 00090000 00000000 00000078 00000e10 00000e10'));
  const ia = option6(3, join(hex('9b98ad66 00000708 00000c4e'), option6(5, address)));
  const six = reply(
    hex('0b10574e 0001000a 0003 0001 dca632010203'),
    join(ia, option6(24, names('v6.example.net'))),
  );
  const lease6 = readDhcpcdLease6(six, 'eth0');
  t.deepEqual(lease6?.addresses, ['2001:db8:9::78']);
  t.is(lease6?.facts.domains[0]?.domain, 'v6.example.net');
});

test('dhcpcd tells what it has to who may not read its files', (t) => {
  const facts = readDhcpcdDump(DUMP, 'eth0');
  t.deepEqual(
    facts.domains.map(({ domain, kind, family }) => `${domain} ${kind} ${family}`),
    ['cs.example.net service 6', 'lan.example.net network 4', 'v6.example.net network 6'],
  );
  t.deepEqual(
    facts.candidates.map(({ url }) => url),
    [
      'https://prov6.example.net/h/',
      'https://prov.example.net/h/',
      'http://vendor.example.net/',
      'https://10.9.0.2/',
      'http://10.9.0.2/',
      'tftp://10.9.0.2/',
    ],
  );
  t.deepEqual(facts.ntp, ['10.9.0.3', '2001:db8:9::7b']);
  t.is(facts.registrars[0]?.host, 'pbx.example.net');
});

const NOW = Date.parse('2026-11-20T12:00:00Z');

test('of dhclient the last lease of each interface counts, if it is not over', (t) => {
  const leases = readDhclientLeases(DHCLIENT, NOW);
  t.deepEqual(
    leases.map((lease) => `${lease.interface} ${lease.addresses.join()}`),
    ['eth0 10.9.0.51', 'eth0 2001:db8:9::51'],
  );
  const [four, six] = leases.map(({ facts }) => facts);
  t.deepEqual(
    four?.candidates.map(({ url }) => url),
    ['https://poly.example.net/', 'https://new.example.net/"q"', 'http://vendor.example.net/'],
  );
  t.deepEqual(
    four?.domains.map(({ domain }) => domain),
    ['a.example', 'b.example'],
  );
  t.deepEqual(four?.ntp, ['10.9.0.3', '10.9.0.4']);
  t.is(six?.candidates[0]?.url, 'https://prov6.example.net/h/');
  t.is(six?.domains[0]?.domain, 'cs.example.net');
  t.deepEqual(readDhclientLeases(DHCLIENT, Date.parse('2030-01-01')).length, 1, 'the one that is never over');
});
