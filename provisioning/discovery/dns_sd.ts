/**
 * Servers of configurations that tell of themselves on the LAN (DNS-SD, RFC 6763): no DHCP server needs to know of them,
 * and IPv6 is as good as IPv4. No such service type is registered; this one is ours.
 *
 *     PBX._dualtone-conf._tcp.local  SRV  0 0 443 pbx.local
 *                                    TXT  txtvers=1  path=/prov/  https
 *
 * Anybody on the LAN can publish one: it ranks below every other path.
 */
import type { Candidate } from '../types.ts';
import { serverUrl } from './server_url.ts';

export const PROVISIONING_SERVICE = '_dualtone-conf._tcp.local';

/** An instance, resolved. */
export interface OfferedServer {
  readonly link: string;
  /** What people call it. */
  readonly instance: string;
  /** `pbx.local` */
  readonly host: string;
  readonly port: number;
  /** By lower-case key (RFC 6763 6.4). */
  readonly text: ReadonlyMap<string, string>;
  readonly addresses: readonly string[];
}

/** A LAN has one or two; who publishes more is playing. */
const MOST = 8;

/** What they offer, in the order of their names, whoever was heard first. */
export function candidatesOfServers(servers: readonly OfferedServer[]): readonly Candidate[] {
  const sorted = servers.toSorted((a, b) => (`${a.instance} ${a.link}` < `${b.instance} ${b.link}` ? -1 : 1));
  const candidates = sorted.flatMap((server) => candidateOf(server) ?? []);
  return candidates
    .filter(({ url }, at) => candidates.findIndex((other) => other.url === url) === at)
    .slice(0, MOST)
    .map((candidate, order) => ({ ...candidate, order }));
}

/** undefined: it cannot be asked, or has a name that is not of the LAN, where multicast DNS has no say (RFC 6762 3). */
function candidateOf({ link, instance, host, port, text, addresses }: OfferedServer): Candidate | undefined {
  if (!isOfLan(host) || port === 0) return undefined;
  const scheme = text.has('https') ? 'https' : 'http';
  const path = text.get('path') ?? '/';
  const url = serverUrl(`${scheme}://${host}:${port}${path.startsWith('/') ? '' : '/'}${path}`);
  if (url === undefined) return undefined;
  const family = addresses.some((address) => address.includes(':')) ? 6 : 4;
  return { step: 'dns-sd', url, family, from: `DNS-SD on ${link}: ${instance}`, order: 0 };
}

/** A host name of multicast DNS: letters, digits and hyphens, and nothing that would end it in a URL. */
export function isOfLan(host: string): boolean {
  return /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.local$/i.test(host);
}
