/** The servers of the failover scenario, their names, and what ails them for one caller. */
import { type Certificate, certify } from '../certificate.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';
import { SipServer } from '../sip_server.ts';

export interface Stage {
  readonly lab: Lab;
  /** `dual.lab`: one server with A and AAAA. */
  readonly server: SipServer;
  /** `srv.lab`: SRV records, this one first; addresses of IPv4 only, as in the measurements of the others. */
  readonly first: SipServer;
  readonly second: SipServer;
  readonly certificate: Certificate;
}

export function serversOf({ server, first, second }: Stage): readonly SipServer[] {
  return [server, first, second];
}

export async function setStage(lab: Lab): Promise<Stage> {
  const names = ['server', 'first', 'second'] as const;
  const hosts = await Promise.all(names.map((name) => lab.host(name)));
  const certificate = await certify(lab.directory, ['dual.lab', 'srv.lab']);
  const servers = await Promise.all(hosts.map((host) => SipServer.start(lab, host, certificate)));
  const [server, first, second] = servers;
  if (!server || !first || !second) throw new Error('three servers were asked for');
  await lab.dns([
    `dual.lab. 60 IN A ${server.host.ipv4}`,
    `dual.lab. 60 IN AAAA ${server.host.ipv6}`,
    `first.lab. 60 IN A ${first.host.ipv4}`,
    `second.lab. 60 IN A ${second.host.ipv4}`,
    ...SERVICES.flatMap(([service, port]) => [
      `${service}.srv.lab. 60 IN SRV 10 0 ${port} first.lab.`,
      `${service}.srv.lab. 60 IN SRV 20 0 ${port} second.lab.`,
    ]),
  ]);
  return { lab, server, first, second, certificate };
}

/** RFC 3263 4.1. */
const SERVICES = [
  ['_sip._udp', 5060],
  ['_sip._tcp', 5060],
  ['_sips._tcp', 5061],
] as const;

export interface Trouble {
  readonly title: string;
  readonly domain: 'dual.lab' | 'srv.lab';
  /** A datagram is answered by an ICMP error. */
  readonly refusal?: 'icmp';
  /** Where requests shall arrive in spite of it. */
  readonly living: (stage: Stage) => string;
  /** It begins for this caller; everything else, the name server too, stays well. */
  readonly begin: (stage: Stage, caller: Host) => Promise<void>;
}

export const TROUBLES: readonly Trouble[] = [
  {
    title: 'IPv6 black-holed',
    domain: 'dual.lab',
    living: ({ server }) => server.host.ipv4,
    begin: ({ server }, caller) => caller.block({ family: 6, peer: server.host }, 'drop'),
  },
  {
    title: 'IPv4 black-holed',
    domain: 'dual.lab',
    living: ({ server }) => server.host.ipv6,
    begin: ({ server }, caller) => caller.block({ family: 4, peer: server.host }, 'drop'),
  },
  {
    title: 'ICMPv6 admin-prohibited',
    refusal: 'icmp',
    domain: 'dual.lab',
    living: ({ server }) => server.host.ipv4,
    begin: ({ server }, caller) => caller.block({ family: 6, peer: server.host }, 'admin-prohibited'),
  },
  {
    title: 'ICMPv6 no-route',
    refusal: 'icmp',
    domain: 'dual.lab',
    living: ({ server }) => server.host.ipv4,
    begin: ({ server }, caller) => caller.block({ family: 6, peer: server.host }, 'no-route'),
  },
  {
    title: 'first SRV target silent',
    domain: 'srv.lab',
    living: ({ second }) => second.host.ipv4,
    begin: ({ first }, caller) => caller.block({ peer: first.host }, 'drop'),
  },
  {
    title: 'first SRV target refuses',
    refusal: 'icmp',
    domain: 'srv.lab',
    living: ({ second }) => second.host.ipv4,
    begin: ({ first }, caller) => caller.block({ peer: first.host }, 'port-unreachable'),
  },
  {
    title: 'first SRV target says 503',
    domain: 'srv.lab',
    living: ({ second }) => second.host.ipv4,
    begin: async ({ first }, caller) => first.refuse(caller.addresses),
  },
];
