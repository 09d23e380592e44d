/** Debian's dnsmasq as the DHCP server and router of a home, and Debian's dhcpcd as the client of a telephone. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type PeerProcess, until } from '../../support/process.ts';
import { HOME_LINK, type Home, type Unplugged } from '../home.ts';
import { type Host, LINK } from '../host.ts';

export interface DhcpOptions {
  /** Further lines of its configuration. */
  readonly lines: readonly string[];
  /** Hands out addresses of IPv6 too; tells what else there is to tell (the default); or is a router that advertises, and nothing else. */
  readonly ipv6?: 'leases' | 'told' | 'advertised';
}

const RANGES = {
  leases: '2d00:1ab:79::1000,2d00:1ab:79::1fff,64,1h',
  told: '2d00:1ab:79::,ra-stateless,64,1h',
  advertised: '2d00:1ab:79::,ra-only,64,1h',
} as const;

/** On the box. It serves no names: the laboratory's own name server does. */
export function startDhcp(home: Home, { lines, ipv6 = 'told' }: DhcpOptions): Promise<PeerProcess> {
  const [v4, v6] = ([4, 6] as const).map((family) => home.families.includes(family));
  return started(home, home.path(`dnsmasq${++count}.conf`), [
    ...basics(HOME_LINK),
    'dhcp-authoritative',
    ...(v4 ? ['dhcp-range=10.79.0.100,10.79.0.199,1h', `dhcp-option=6,${home.lab.resolver(4)}`] : []),
    ...(v6
      ? [
          `dhcp-range=${RANGES[ipv6]}`,
          'enable-ra',
          `dhcp-option=option6:dns-server,[${home.lab.resolver(6)}]`,
        ]
      : []),
    ...lines,
  ]);
}

/** A second one on the LAN, on a host of its own: it answers who asks, and is no router. */
export function startRogueDhcp(home: Home, host: Host, lines: readonly string[]): Promise<PeerProcess> {
  return started(host, home.path(`dnsmasq${++count}.conf`), [
    ...basics(LINK),
    ...(home.families.includes(4) ? ['dhcp-range=10.79.0.200,10.79.0.250,1h'] : []),
    ...(home.families.includes(6) ? ['dhcp-range=2d00:1ab:79::2000,2d00:1ab:79::2fff,64,1h'] : []),
    ...lines,
  ]);
}

let count = 0;

function basics(link: string): readonly string[] {
  return [
    `interface=${link}`,
    ...['port=0', 'bind-interfaces', 'no-resolv', 'no-hosts', 'leasefile-ro', 'log-dhcp'],
  ];
}

async function started(
  machine: Pick<Home | Host, 'run'>,
  file: string,
  lines: readonly string[],
): Promise<PeerProcess> {
  writeFileSync(file, `${lines.join('\n')}\n`);
  const words = ['-k', '-C', file, '--pid-file=', '--log-facility=-', '--user=root'];
  const server = machine.run('dnsmasq', words);
  const isUp = () => /started, version|DHCP,/.test(server.output);
  await until('dnsmasq runs', isUp, 5000, () => server.output);
  return server;
}

/**
 * dhcpcd as Debian configures it, but for the check of addresses, which takes five seconds. The result stands before the
 * command line of whoever is to see its files where Debian has them.
 */
export function startDhcpcd(home: Home, { host }: Unplugged): readonly string[] {
  const binds = ['/var/lib/dhcpcd', '/run/dhcpcd'].map((folder) => {
    const own = home.path(`${host.name}${folder.replaceAll('/', '-')}`);
    for (const each of [folder, own]) mkdirSync(each, { recursive: true });
    return `mount --bind ${own} ${folder}`;
  });
  const inside = (command: string) => ['-m', 'sh', '-c', [...binds, command].join(' && ')];
  host.run('unshare', inside(`exec dhcpcd -B -d --noarp ${LINK}`));
  return [...host.via, 'unshare', ...inside('exec "$@"'), 'sh'];
}
