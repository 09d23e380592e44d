/** Beside the system's own DHCP clients: their leases are read, their ports stay theirs; and ISC's kea as the server. */
import { existsSync, mkdirSync } from 'node:fs';
import { inLab } from '../lab/in_lab.ts';
import { until } from '../support/process.ts';
import {
  Discovering,
  type Kind,
  serverAddresses,
  socketsOn,
  startDnsmasq,
  startKea,
} from './dhcp_servers_stand.ts';
import { Lan, PHONE_LINK } from './lan.ts';

const DUAL: Kind = { name: 'a dual LAN', ipv4: true, ipv6: true };
const IPV6: Kind = { name: 'an IPv6-only LAN', ipv4: false, ipv6: true };
const FORCED = 'https://forced.example.net/';
const HIDDEN = 'https://hidden.example.net/';
const SIX = 'https://six.example.net/';
/** dhcpcd does not ask for 159, and so has only what it is told unasked. */
const OPTIONS = [
  `dhcp-option-force=160,"${FORCED}"`,
  `dhcp-option=159,"${HIDDEN}"`,
  'dhcp-option=15,lan.example.net',
  `dhcp-option=option6:59,"${SIX}"`,
  'dhcp-option=option6:domain-search,v6.example.net',
];

const withDhcpcd = inLab('dnsmasq', 'dhcpcd');

/** Debian's dhcpcd as Debian configures it, but for the check of addresses, which takes five seconds. */
async function startDhcpcd(lan: Lan): Promise<string> {
  const leases = lan.folder('leases');
  for (const folder of ['/var/lib/dhcpcd', '/run/dhcpcd']) mkdirSync(folder, { recursive: true });
  const script = [
    `mount --bind ${leases} /var/lib/dhcpcd`,
    `mount --bind ${lan.folder('run')} /run/dhcpcd`,
    `exec dhcpcd -B -d --noarp ${PHONE_LINK}`,
  ].join(' && ');
  const client = lan.phone('unshare', ['-m', 'sh', '-c', script]);
  const both = () =>
    existsSync(`${leases}/${PHONE_LINK}.lease`) && existsSync(`${leases}/${PHONE_LINK}.lease6`);
  await until('dhcpcd has its leases', both, 10_000, () => client.output);
  return leases;
}

withDhcpcd(
  'leases of dhcpcd are read, and what it hides is asked for beside it, its ports untouched',
  async (t) => {
    await using lan = await Lan.create(serverAddresses(DUAL));
    await startDnsmasq(lan, DUAL, OPTIONS.concat('dhcp-range=2001:db8:9::50,2001:db8:9::99,64,1h'));
    const leases = await startDhcpcd(lan);
    const ports = async () => Promise.all([socketsOn(lan, 4, 68), socketsOn(lan, 6, 546)]);
    await until('dhcpcd holds both ports', async () => (await ports()).every((count) => count > 0), 10_000);
    const before = await ports();
    const discovering = new Discovering(lan, { leases: { dhcpcd: [leases] } });
    await discovering.until('all three', () =>
      [FORCED, HIDDEN, SIX].every((url) => discovering.urls.includes(url)),
    );
    t.deepEqual(await ports(), before);
    const from = (url: string) => discovering.facts?.candidates.find((one) => one.url === url)?.from;
    t.is(from(FORCED), 'DHCPv4 option 160 on eth0, lease of dhcpcd');
    t.is(from(HIDDEN), 'DHCPv4 option 159 on eth0');
    t.is(from(SIX), 'DHCPv6 option 59 on eth0');
    t.deepEqual(
      discovering.said.flatMap(({ note }) => note ?? []),
      [],
    );
  },
);

withDhcpcd('leases of dhcpcd alone are enough, and those of another day are not believed', async (t) => {
  await using lan = await Lan.create(serverAddresses(DUAL));
  const server = await startDnsmasq(
    lan,
    DUAL,
    OPTIONS.concat('dhcp-range=2001:db8:9::50,2001:db8:9::99,64,1h'),
  );
  const leases = await startDhcpcd(lan);
  await server.stop();
  const now = new Discovering(lan, { leases: { dhcpcd: [leases] } });
  await now.until('the lease', () => now.urls.includes(FORCED));
  t.true(now.facts?.domains.some(({ domain }) => domain === 'v6.example.net'));
  await now.process.stop();
  // The same files, and another network.
  await using other = await Lan.create(['192.168.7.1/24']);
  await other.giveAddress('192.168.7.20/24');
  const later = new Discovering(other, { leases: { dhcpcd: [leases] } });
  await t.throwsAsync(
    later.until('anything', () => later.said.some(({ facts }) => facts !== undefined), 2_500),
  );
});

withDhcpcd('where its leases are closed to us, dhcpcd tells what it has', async (t) => {
  await using lan = await Lan.create(serverAddresses(DUAL));
  const server = await startDnsmasq(
    lan,
    DUAL,
    OPTIONS.concat('dhcp-range=2001:db8:9::50,2001:db8:9::99,64,1h'),
  );
  await startDhcpcd(lan);
  await server.stop();
  // Its sockets are where the system's would be.
  const mounted = `mount --bind ${lan.folder('run')} /run/dhcpcd && exec "$0" "$@"`;
  const discovering = new Discovering(lan, { leases: { dhcpcd: [] } }, [
    'unshare',
    '-m',
    'sh',
    '-c',
    mounted,
  ]);
  const domains = () => (discovering.facts?.domains ?? []).map(({ domain, from }) => `${domain} ${from}`);
  const expected = [
    'v6.example.net DHCPv6 option 24 on eth0, told by dhcpcd',
    'lan.example.net DHCPv4 option 15 on eth0, told by dhcpcd',
  ];
  await discovering.until('both', () => expected.every((one) => domains().includes(one)));
  t.pass();
});

const withNetworkd = inLab('dnsmasq');
const NETWORKD = '/usr/lib/systemd/systemd-networkd';

withNetworkd('leases of systemd-networkd are read, and what it hides is asked for beside it', async (t) => {
  if (!existsSync(NETWORKD)) {
    t.pass('systemd-networkd is not installed: apt-get install systemd');
    return;
  }
  await using lan = await Lan.create(serverAddresses(DUAL));
  await startDnsmasq(lan, DUAL, OPTIONS.concat('dhcp-option=43,"https://vendor.example.net/"'));
  const state = lan.folder('systemd');
  for (const folder of ['network', 'netif/leases', 'netif/links', 'netif/lldp'])
    lan.folder(`systemd/${folder}`);
  lan.file(
    'systemd/network/10-test.network',
    `[Match]\nName=${PHONE_LINK}\n[Network]\nDHCP=yes\n[DHCPv4]\nUseDomains=yes\nRequestOptions=43\n[IPv6AcceptRA]\nUseDomains=yes\n`,
  );
  // With /sys for reading only it takes itself for one in a container, and waits for no udev.
  const script = `chown -R systemd-network:systemd-network ${state} && mount --bind ${state} /run/systemd && mount -o remount,ro,bind /sys && exec ${NETWORKD}`;
  const client = lan.phone('unshare', ['-m', 'sh', '-c', script]);
  const discovering = new Discovering(lan, { leases: { networkd: `${state}/netif` } });
  const from = (url: string) => discovering.facts?.candidates.find((one) => one.url === url)?.from;
  await discovering
    .until('all', () => from(HIDDEN) !== undefined && from(SIX) !== undefined, 12_000)
    .catch((error) => {
      throw new Error(`${error}\n${client.output}`);
    });
  await discovering.until('the lease', () =>
    discovering.said.some(({ facts }) =>
      facts?.candidates.some((one) => one.from === 'DHCPv4 option 43 on eth0, lease of systemd-networkd'),
    ),
  );
  t.pass();
});

const withKea = inLab('kea-dhcp4', 'kea-dhcp6');

withKea('kea answers INFORM and Information-request', async (t) => {
  await using lan = await Lan.create(serverAddresses(DUAL));
  await lan.giveAddress('10.9.0.20/24');
  await Promise.all([
    startKea(
      lan,
      4,
      [
        { name: 'tftp-server-name', data: HIDDEN },
        { name: 'poly-url', data: FORCED },
        { name: 'domain-search', data: 'a.example.net, b.example.net' },
        { name: 'sip-ua-cs-domains', data: 'cs.example.net' },
        { name: 'ntp-servers', data: '10.9.0.3' },
      ],
      [{ name: 'poly-url', code: 160, type: 'string' }],
    ),
    startKea(lan, 6, [
      { name: 'bootfile-url', data: SIX },
      { name: 'sip-server-dns', data: 'pbx.example.net' },
      { name: 'sip-server-addr', data: '2001:db8:9::5' },
      { name: 'new-tzdb-timezone', data: 'Europe/Amsterdam' },
      { name: 'domain-search', data: 'v6.example.net' },
    ]),
  ]);
  const discovering = new Discovering(lan);
  await discovering.until('all', () => [SIX, FORCED, HIDDEN].every((url) => discovering.urls.includes(url)));
  const { domains = [], registrars = [], ntp, timezone } = discovering.facts ?? {};
  t.deepEqual(
    domains.map(({ domain, kind }) => `${domain} ${kind}`),
    [
      'cs.example.net service',
      'a.example.net network',
      'b.example.net network',
      'v6.example.net network',
      'pbx.example.net sip',
    ],
  );
  t.deepEqual(registrars.map(({ host }) => host).toSorted(), ['2001:db8:9::5', 'pbx.example.net']);
  t.deepEqual([ntp, timezone], [['10.9.0.3'], 'Europe/Amsterdam']);
});

withKea('kea is heard also while another program holds the ports of clients', async (t) => {
  await using lan = await Lan.create(serverAddresses(DUAL));
  await lan.giveAddress('10.9.0.20/24');
  await Promise.all([
    startKea(lan, 4, [{ name: 'tftp-server-name', data: HIDDEN }]),
    startKea(lan, 6, [{ name: 'bootfile-url', data: SIX }]),
  ]);
  const holder = lan.phone(process.execPath, [
    '-e',
    `const { createSocket } = require('node:dgram'); createSocket('udp4').bind(68); createSocket('udp6').bind(546, () => console.log('held'))`,
  ]);
  await until('the ports are held', () => holder.output.includes('held'));
  const discovering = new Discovering(lan);
  await discovering.until('both', () => [SIX, HIDDEN].every((url) => discovering.urls.includes(url)));
  t.deepEqual(await Promise.all([socketsOn(lan, 4, 68), socketsOn(lan, 6, 546)]), [1, 1]);
});

withKea('on an IPv6-only LAN without a router kea is heard over the link alone', async (t) => {
  await using lan = await Lan.create(serverAddresses(IPV6));
  await startKea(lan, 6, [{ name: 'bootfile-url', data: SIX }]);
  const discovering = new Discovering(lan);
  await discovering.until(SIX, () => discovering.urls.includes(SIX));
  t.is(discovering.facts?.candidates[0]?.from, 'DHCPv6 option 59 on eth0');
});
