import test from 'ava';
import fc from 'fast-check';
import { readNetworkConfig } from '#provisioning/network_config.ts';
import { parseDocument } from '#provisioning/yaml.ts';
import { mutations } from '../support/mutate.ts';

/** As Raspberry Pi Imager writes it, and with what netplan's manual shows. */
const IMAGER = `
network:
  version: 2
  wifis:
    renderer: networkd
    wlan0:
      dhcp4: true
      regulatory-domain: "nl"
      access-points:
        "Zimmer \\"7\\" Ü":
          password: "it's a \\"secret\\" 1"
          hidden: true
        Open: {}
        Hashed: {password: ${'0a'.repeat(32)}}
      optional: true
`;
const FIXED = `
version: 2
ethernets:
  eth0:
    addresses: [192.0.2.7/24, "2001:db8::7/64"]
    gateway4: 192.0.2.1
    nameservers: {addresses: [192.0.2.53, "2001:db8::53"], search: [lan.example]}
    routes: [{to: default, via: "2001:db8::1"}, {to: 198.51.100.0/24, via: 192.0.2.9}]
    mtu: 1400
  eth1: {dhcp6: no, accept-ra: false}
`;

const read = (text: string) => readNetworkConfig(parseDocument(text).toJS());

function filesOf(text: string): Readonly<Record<string, string>> {
  const result = read(text);
  if ('error' in result) throw new Error(result.error);
  return Object.fromEntries(result.files.map((file) => [file.name, file.text]));
}

test('Wi-Fi as Raspberry Pi Imager writes it', (t) => {
  const files = filesOf(IMAGER);
  t.deepEqual(Object.keys(files), ['70-dualtone-wlan0.network', 'wpa_supplicant-wlan0.conf']);
  const supplicant = files['wpa_supplicant-wlan0.conf'] ?? '';
  t.regex(supplicant, /^country=NL$/m);
  t.is(supplicant.match(/^network=\{$/gm)?.length, 3);
  t.true(supplicant.includes(`  ssid=${Buffer.from('Zimmer "7" Ü').toString('hex')}\n  scan_ssid=1\n`));
  t.true(supplicant.includes(`  psk="it's a "secret" 1"\n`));
  t.true(supplicant.includes('  key_mgmt=NONE\n'));
  t.true(supplicant.includes(`  psk=${'0a'.repeat(32)}\n`));
  const network = files['70-dualtone-wlan0.network'] ?? '';
  for (const line of ['Name=wlan0', 'DHCP=yes', 'IPv6AcceptRA=yes', 'RouteMetric=600'])
    t.true(network.includes(`\n${line}\n`), line);
});

test('a fixed address takes the place of DHCP of its family, and of no other', (t) => {
  const files = filesOf(FIXED);
  const eth0 = files['70-dualtone-eth0.network'] ?? '';
  const lines = [
    'DHCP=ipv6',
    'Address=192.0.2.7/24',
    'Address=2001:db8::7/64',
    'Gateway=192.0.2.1',
    'DNS=192.0.2.53',
    'DNS=2001:db8::53',
    'Domains=lan.example',
    'MTUBytes=1400',
    '[Route]\nGateway=2001:db8::1',
    'Destination=198.51.100.0/24\nGateway=192.0.2.9',
  ];
  for (const line of lines) t.true(eth0.includes(`\n${line}\n`), line);
  t.regex(files['70-dualtone-eth1.network'] ?? '', /\nDHCP=ipv4\nIPv6AcceptRA=no\n/);
});

test('what is not understood is told and goes on', (t) => {
  const result = read('version: 2\nethernets: {eth0: {wake: yes, optional: true}}\nvlans: {}\n');
  t.false('error' in result);
  if ('warnings' in result)
    t.deepEqual(result.warnings, [
      '/vlans: unknown key, ignored',
      '/ethernets/eth0/wake: unknown key, ignored',
    ]);
});

const REFUSED = [
  ['no mapping', '[]', '/: expected a mapping (key: value)'],
  ['nothing in it', 'version: 2', '/: neither ethernets nor wifis are in it'],
  ['version 1', 'version: 1\nconfig: []', '/version: expected 2: version 1 is not read'],
  ['a name with a separator', 'ethernets: {../x: {}}', '/ethernets: "../x" is no interface'],
  [
    'an address without length',
    'ethernets: {eth0: {addresses: [192.0.2.7]}}',
    '/ethernets/eth0/addresses/0: expected an address with its length, as 192.0.2.7/24',
  ],
  [
    'a gateway of the other family',
    'ethernets: {eth0: {gateway4: "::1"}}',
    '/ethernets/eth0/gateway4: expected an address of IPv4',
  ],
  ['no access point', 'wifis: {wlan0: {access-points: {}}}', '/wifis/wlan0/access-points: none is in it'],
  [
    'a short password',
    'wifis: {wlan0: {access-points: {Home: {password: short}}}}',
    '/wifis/wlan0/access-points/Home/password: expected 8 to 63 characters of ASCII, or 64 of hexadecimal',
  ],
  [
    'a password of digits without quotes',
    'wifis: {wlan0: {access-points: {Home: {password: 0123456789}}}}',
    '/wifis/wlan0/access-points/Home/password: a number; put it in quotes',
  ],
  [
    'a password with a line of its own',
    'wifis: {wlan0: {access-points: {Home: {password: "abcdefgh\\n}"}}}}',
    '/wifis/wlan0/access-points/Home/password: expected 8 to 63 characters of ASCII, or 64 of hexadecimal',
  ],
  [
    'enterprise',
    'wifis: {wlan0: {access-points: {Home: {auth: {key-management: eap}}}}}',
    '/wifis/wlan0/access-points/Home/auth/key-management: expected none, psk or sae: others are not built',
  ],
  [
    'a country that is none',
    'wifis: {wlan0: {regulatory-domain: "N\\n", access-points: {Home: {}}}}',
    '/wifis/wlan0/regulatory-domain: expected two letters, as NL',
  ],
  [
    'a domain with a line of its own',
    'ethernets: {eth0: {nameservers: {search: ["a\\nDNS=::1"]}}}',
    '/ethernets/eth0/nameservers/search/0: expected a domain',
  ],
] as const;

for (const [what, text, error] of REFUSED)
  test(`${what} is refused with its path`, (t) => t.deepEqual(read(text), { error }));

test('a refusal never repeats a password', (t) => {
  const result = read('wifis: {wlan0: {access-points: {Home: {password: "s3cret"}}}}');
  t.false(JSON.stringify(result).includes('s3cret'));
});

/** Nothing of a value may become a line of its own: that would be another setting. */
function isPlain(text: string): boolean {
  return text
    .split('\n')
    .every((line) => /^(|\[\w+\]| {1,2}[a-z0-9_]+=[ -~]*|[A-Za-z0-9_]+=[ -~]*|network=\{|\})$/.test(line));
}

test('no value makes the reader throw, and what is written has only lines of ours', (t) => {
  const key = fc.constantFrom(
    ...['network', 'version', 'ethernets', 'wifis', 'eth0', 'wlan0', 'access-points', 'Home'],
  );
  const more = fc.constantFrom(
    ...['password', 'auth', 'addresses', 'routes', 'via', 'to', 'nameservers', 'search', 'mtu'],
  );
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.ipV4(), fc.ipV6());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.dictionary(fc.oneof(key, more), tie('tree'), { maxKeys: 4 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }));
  const holds = fc.property(tree, (value) => {
    const result = readNetworkConfig(value);
    return 'error' in result || result.files.every(({ text }) => isPlain(text));
  });
  t.notThrows(() => fc.assert(holds, { numRuns: 3000 }));
});

test('100 000 spoilt files are read or refused, and never make a line of their own', (t) => {
  const seeds = [IMAGER, FIXED].map((text) => Buffer.from(JSON.stringify(parseDocument(text).toJS())));
  let taken = 0;
  for (const octets of mutations(seeds, 100_000, 7)) {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(octets).toString('utf8'));
    } catch {
      value = Buffer.from(octets).toString('latin1');
    }
    const result = readNetworkConfig(value);
    if ('error' in result) continue;
    taken += 1;
    for (const { text } of result.files) if (!isPlain(text)) t.fail(text);
  }
  t.true(taken > 1000, `${taken} of them are still configurations`);
});
