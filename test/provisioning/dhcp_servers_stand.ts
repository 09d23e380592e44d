/** Servers of Debian for the LAN of lan.ts, and a discoverer in it. */
import type { Facts } from '#provisioning/discovery/facts.ts';
import type { Candidate } from '#provisioning/types.ts';
import { type PeerProcess, until } from '../support/process.ts';
import { type Lan, SERVER_LINK } from './lan.ts';

export const SERVER4 = '10.9.0.1';
export const SERVER6 = '2001:db8:9::1';

/** Which families the LAN has; the telephone gets its IPv6 address from the router, that of IPv4 is given. */
export interface Kind {
  readonly name: string;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}
export const KINDS: readonly Kind[] = [
  { name: 'an IPv4-only LAN', ipv4: true, ipv6: false },
  { name: 'a dual LAN', ipv4: true, ipv6: true },
  { name: 'an IPv6-only LAN', ipv4: false, ipv6: true },
];

export function serverAddresses({ ipv4, ipv6 }: Kind): readonly string[] {
  return [...(ipv4 ? [`${SERVER4}/24`] : []), ...(ipv6 ? [`${SERVER6}/64`] : [])];
}

/** DNS, DHCP and router; `options` are lines of its configuration. */
export async function startDnsmasq(
  lan: Lan,
  { ipv4, ipv6 }: Kind,
  options: readonly string[],
): Promise<PeerProcess> {
  const lines = [
    `interface=${SERVER_LINK}`,
    ...['bind-interfaces', 'no-resolv', 'no-hosts', 'leasefile-ro', 'log-dhcp', 'dhcp-authoritative'],
    ...(ipv4 ? ['dhcp-range=10.9.0.50,10.9.0.99,1h'] : []),
    ...(ipv6 ? ['dhcp-range=2001:db8:9::,ra-stateless,1h', 'enable-ra'] : []),
    ...options,
  ];
  const file = lan.file('dnsmasq.conf', `${lines.join('\n')}\n`);
  const server = lan.server('dnsmasq', ['-k', '-C', file, '--pid-file=', '--log-facility=-', '--user=root']);
  await until(
    'dnsmasq runs',
    () => /started, version/.test(server.output),
    5000,
    () => server.output,
  );
  return server;
}

/** What a discoverer said, line by line. */
export interface Said {
  readonly facts?: Facts;
  readonly candidates?: readonly Candidate[];
  readonly note?: string;
  readonly at: number;
}

export class Discovering {
  readonly process: PeerProcess;

  constructor(lan: Lan, options: object = {}, before: readonly string[] = []) {
    const [program = '', ...args] = [
      ...before,
      process.execPath,
      new URL('discoverer_child.ts', import.meta.url).pathname,
      JSON.stringify(options),
    ];
    this.process = lan.phone(program, args);
  }

  get said(): readonly Said[] {
    return this.process.output.split('\n').flatMap((line): readonly Said[] => {
      if (!line.startsWith('{') || !line.endsWith('}')) return [];
      return [JSON.parse(line)];
    });
  }

  /** The last facts told. */
  get facts(): Facts | undefined {
    return this.said.findLast(({ facts }) => facts !== undefined)?.facts;
  }

  /** Of the candidates told last. */
  get urls(): readonly string[] {
    return (this.said.findLast(({ candidates }) => candidates !== undefined)?.candidates ?? []).map(
      ({ url }) => url,
    );
  }

  until(what: string, probe: () => boolean, ms = 11_000): Promise<true> {
    return until(what, probe, ms, () => this.process.output).then(() => true);
  }
}

/** kea's configuration of one family with these options. */
export function keaConfiguration(
  family: 4 | 6,
  options: readonly object[],
  definitions: readonly object[],
): string {
  const subnet =
    family === 4
      ? { subnet: '10.9.0.0/24', pools: [{ pool: '10.9.0.50 - 10.9.0.99' }] }
      : { subnet: '2001:db8:9::/64', interface: SERVER_LINK };
  const body = {
    'interfaces-config': { interfaces: [SERVER_LINK] },
    // Its name is made anew each time; else it would be written where only the system's kea may.
    ...(family === 6 ? { 'server-id': { type: 'LL', persist: false } } : {}),
    'lease-database': { type: 'memfile', persist: false },
    'option-def': definitions,
    'option-data': options,
    [`subnet${family}`]: [{ id: 1, ...subnet }],
    loggers: [{ name: `kea-dhcp${family}`, severity: 'INFO', output_options: [{ output: 'stdout' }] }],
  };
  return JSON.stringify({ [`Dhcp${family}`]: body });
}

export async function startKea(
  lan: Lan,
  family: 4 | 6,
  options: readonly object[],
  definitions: readonly object[] = [],
): Promise<PeerProcess> {
  const file = lan.file(`kea${family}.json`, keaConfiguration(family, options, definitions));
  const folder = lan.folder('kea');
  const env = { ...process.env, KEA_LOCKFILE_DIR: folder, KEA_PIDFILE_DIR: folder };
  const server = lan.server(`kea-dhcp${family}`, ['-c', file], env);
  const started = new RegExp(`DHCP${family}_STARTED`);
  await until(
    'kea runs',
    () => started.test(server.output),
    8000,
    () => server.output,
  );
  return server;
}

/** How many UDP sockets of the telephone's namespace have this port. */
export async function socketsOn(lan: Lan, family: 4 | 6, port: number): Promise<number> {
  const listing = lan.phone('cat', [family === 4 ? '/proc/net/udp' : '/proc/net/udp6']);
  await listing.exit(5000);
  const digits = port.toString(16).toUpperCase().padStart(4, '0');
  return listing.output.split('\n').filter((line) => new RegExp(`^\\s*\\d+: [\\dA-F]+:${digits} `).test(line))
    .length;
}
