/** What may go wrong between a host and the others, as rules of the router's packet filter. */
import type { Family } from '#address/endpoint.ts';

/**
 * What the router does with packets: says nothing, sends the ICMP error of that name (of the packet's family), or,
 * for `port-unreachable`, what a host without that service sends: ICMP for UDP, RST for TCP.
 */
export type FaultKind = 'drop' | 'admin-prohibited' | 'no-route' | 'host-unreachable' | 'port-unreachable';

export interface Fault {
  /** Link of the host, as the router names it. */
  readonly link: string;
  /** Only to and from the host with this link. */
  readonly peer?: string;
  /** Only of this family, transport, port of the far end. */
  readonly family?: Family;
  readonly transport?: 'udp' | 'tcp';
  readonly port?: number;
  /** Only what comes from the host, or only what goes to it. */
  readonly way?: 'out' | 'in';
  readonly how: FaultKind;
}

/** The whole rule set; loading it replaces the one before in one step. */
export function ruleSet(faults: readonly Fault[]): string {
  const rules = faults.flatMap(rulesOf).map((rule) => `    ${rule}`);
  return [
    'table inet lab {}',
    'delete table inet lab',
    'table inet lab {',
    '  chain faults {',
    '    type filter hook forward priority 0; policy accept;',
    ...rules,
    '  }',
    '}',
    '',
  ].join('\n');
}

function rulesOf(fault: Fault): readonly string[] {
  const { link, peer, family, transport, port } = fault;
  const ends = (near: Side, far: Side) => `${at(near, link)}${peer === undefined ? '' : ` ${at(far, peer)}`}`;
  const protocol = family === undefined ? '' : ` meta nfproto ipv${family}`;
  const carried = transport === undefined ? '' : ` meta l4proto ${transport}`;
  const match = (side: 'dport' | 'sport') => (port === undefined ? '' : ` th ${side} ${port}`);
  const ways = {
    out: `${ends('iifname', 'oifname')}${protocol}${carried}${match('dport')}`,
    in: `${ends('oifname', 'iifname')}${protocol}${carried}${match('sport')}`,
  };
  const struck = fault.way === undefined ? [ways.out, ways.in] : [ways[fault.way]];
  return struck.flatMap((way) => verdictsOf(fault.how).map((verdict) => `${way} ${verdict}`));
}

type Side = 'iifname' | 'oifname';

function at(side: Side, link: string): string {
  const links = side === 'iifname' ? [link] : [link, lateLink(link, 4), lateLink(link, 6)];
  return `${side} { ${links.map((name) => `"${name}"`).join(', ')} }`;
}

/** The device that packets to a delayed host take on their way to `link`. */
export function lateLink(link: string, family: Family): string {
  return `${link}.${family}`;
}

function verdictsOf(how: FaultKind): readonly string[] {
  if (how === 'drop') return ['drop'];
  if (how !== 'port-unreachable') return [`reject with icmpx type ${how}`];
  return ['meta l4proto tcp reject with tcp reset', 'reject with icmpx type port-unreachable'];
}
