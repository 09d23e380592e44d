/** RFC 6011: from the domain of the network to the request. */
import test from 'ava';
import { type Facts, type NetworkDomain, NO_FACTS } from '#provisioning/discovery/facts.ts';
import { deviceMac, type LinkLayer } from '#provisioning/discovery/identity.ts';
import { type Naptr, serviceCandidates, serviceDomains, serviceUrls } from '#provisioning/discovery/sfua.ts';

const naptr = (regexp: string, more: Partial<Naptr> = {}): Naptr => ({
  ...{ order: 10, preference: 10, flags: 'u', services: 'SFUA.CFG', regexp },
  ...more,
});

/** Figure 1 of the RFC. */
const FIGURE_1: readonly Naptr[] = [
  naptr('!^.*$!https://p2.example.net/cfg!', { order: 100 }),
  naptr('!^.*$!https://p1.example.net/cfg!'),
  naptr('', { order: 90, preference: 50, flags: 's', services: 'SIP+D2T' }),
  naptr('', { order: 100, preference: 50, flags: 's', services: 'SIP+D2U' }),
];

test('the example of the RFC becomes the servers of the RFC', (t) => {
  const domain: NetworkDomain = {
    domain: 'example.net',
    kind: 'service',
    family: 6,
    from: 'DHCPv6 option 58 on eth0',
  };
  const candidates = serviceCandidates(domain, FIGURE_1, 0);
  t.deepEqual(
    candidates.map(({ url }) => url),
    ['https://p1.example.net/cfg', 'https://p2.example.net/cfg'],
  );
  t.like(candidates[0], { step: 'sfua', family: 6, domain: 'example.net', order: 0 });
});

const EXPRESSIONS: readonly (readonly [regexp: string, url: string | undefined])[] = [
  ['!^.*$!https://a.example/!', 'https://a.example/'],
  ['!.*!https://a.example/!', 'https://a.example/'],
  ['/^.*$/https:x/', undefined],
  ['#^.*$#https://a.example/#i', 'https://a.example/'],
  ['!^.*$!http://a.example/!', undefined],
  ['!^.*$!https://a.example/', undefined],
  ['!^(.*)$!https://\\1/!', undefined],
  ['!^.*$!https://a.example/!extra!', undefined],
  ['!^.*$!https://a.example/!i!x', undefined],
  ['', undefined],
];

test('the URI is cut out of the expression, and only of one that matches everything', (t) => {
  for (const [regexp, url] of EXPRESSIONS) t.is(serviceUrls([naptr(regexp)])[0], url, regexp);
  t.deepEqual(serviceUrls([naptr('!.*!https://a.example/!', { flags: 's' })]), []);
  t.deepEqual(
    serviceUrls([naptr('!.*!https://a.example/!', { flags: 'U', services: 'sfua.cfg' })]).length,
    1,
  );
});

const domains = (
  ...rows: readonly (readonly [string, NetworkDomain['kind'], 4 | 6])[]
): Pick<Facts, 'domains'> => ({
  ...NO_FACTS,
  domains: rows.map(([domain, kind, family]) => ({ domain, kind, family, from: 'test' })),
});
const asked = (facts: Pick<Facts, 'domains'>) => serviceDomains(facts).map(({ domain }) => domain);

test('domains are asked by how they became known, IPv6 first', (t) => {
  const all = domains(
    ['sip.example', 'sip', 6],
    ['four.example', 'network', 4],
    ['router.example', 'router', 6],
    ['six.example', 'network', 6],
    ['four.example', 'network', 6],
  );
  t.deepEqual(asked(all), ['six.example', 'four.example', 'router.example', 'sip.example']);
});

test('a domain that is named outright silences those of its own family only (RFC 6011 2.1.2)', (t) => {
  const all = domains(
    ['cs.example', 'service', 4],
    ['lan.example', 'network', 4],
    ['six.example', 'network', 6],
  );
  t.deepEqual(asked(all), ['cs.example', 'six.example']);
});

test('only so many domains are asked', (t) => {
  const many = Array.from({ length: 50 }, (_, i) => [`d${i}.example`, 'network', 4] as const);
  t.is(asked(domains(...many)).length, 8);
});

const link = (name: string, mac: string, more: Partial<LinkLayer> = {}): LinkLayer => ({
  ...{ name, mac, wireless: false, physical: true },
  ...more,
});

test('a telephone goes by its cable\u2019s address, else by that of Wi-Fi, and by no bridge\u2019s while it has either', (t) => {
  const bridge = link('docker0', '02:42:00:00:00:01', { physical: false });
  const wifi = link('wlan0', 'DC:A6:32:00:00:02', { wireless: true });
  const cable = link('eth0', 'DC:A6:32:00:00:01');
  t.is(deviceMac([bridge, wifi, cable]), 'dca632000001');
  t.is(deviceMac([bridge, wifi]), 'dca632000002');
  t.is(deviceMac([bridge]), '024200000001');
  t.is(deviceMac([link('tun0', '00:00:00:00:00:00'), link('x', '')]), undefined);
});
