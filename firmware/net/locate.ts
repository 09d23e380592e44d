/**
 * From the next hop to the flows to try, in order: literal addresses as they are, with a port A and AAAA, else SRV
 * first (RFC 3263 4). NAPTR, TTLs and the race of the families are not here yet.
 */
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isLoopback, isTeredo, parseIp } from '#address/ip.ts';
import type { Flow, Hop, Transport } from '#sip/types.ts';
import { NetError } from './errors.ts';
import { isLocalhost, type Names, type Service } from './names.ts';

export interface LocateOptions {
  readonly names: Names;
  /** Rejects where there is no route. */
  readonly flowTo: (transport: Transport, remote: Endpoint) => Promise<Flow>;
  /** Whether we have an IPv6 address by which others reach us: IPv6 goes first then. */
  readonly hasIpv6: () => boolean;
}

export interface Located {
  readonly flows: readonly Flow[];
  readonly error?: string;
}

const DEFAULT_PORT = 5060;
/** Flows handed on; who has that many dead servers has other worries. */
const MOST_FLOWS = 8;

interface Place {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
}

/** Never rejects: without flows, `error` says why, for people. */
export async function locate(hop: Hop, options: LocateOptions): Promise<Located> {
  try {
    if (hop.secure || hop.transport === 'tls') {
      throw new NetError(
        'NOT_BUILT',
        `TLS is not built yet, and ${hop.host} shall be reached by nothing else`,
      );
    }
    const places = await placesOf(hop, options.names);
    const remotes = await Promise.all(places.map((place) => remotesOf(place, hop, options)));
    return await reachable(remotes.flat().slice(0, MOST_FLOWS), hop, options);
  } catch (error) {
    return { flows: [], error: error instanceof Error ? error.message : String(error) };
  }
}

/** RFC 3263 4.1 and 4.2: which transports, hosts and ports, in order. */
async function placesOf(hop: Hop, names: Names): Promise<readonly Place[]> {
  const plain: Place = {
    transport: hop.transport ?? 'udp',
    host: hop.host,
    port: hop.port ?? DEFAULT_PORT,
  };
  if (hop.port !== undefined || parseIp(hop.host) !== undefined || !mayHaveServices(hop.host)) return [plain];
  const transports: readonly Transport[] = hop.transport === undefined ? ['udp', 'tcp'] : [hop.transport];
  const found = await Promise.all(
    transports.map(async (transport) => {
      const services = await names.srv(`_sip._${transport}.${hop.host}`).catch(() => []);
      // RFC 2782: a lone "." says that the service is decidedly not there.
      const offered = services.filter(({ name }) => name !== '' && name !== '.');
      return inOrder(offered).map(({ name, port }) => ({ transport, host: name, port }));
    }),
  );
  return found.flat().length > 0 ? found.flat() : [plain];
}

/** Names of this host or the link have no SRV records, and asking for them takes seconds. */
function mayHaveServices(host: string): boolean {
  const name = host.replace(/\.$/, '');
  return name.includes('.') && !isLocalhost(name) && !/\.local$/i.test(name);
}

/** RFC 2782: by priority, and within one at random by weight. */
function inOrder(services: readonly Service[]): readonly Service[] {
  return services
    .map((service) => ({ service, draw: -Math.log(1 - Math.random()) / Math.max(service.weight, 0.01) }))
    .sort((a, b) => a.service.priority - b.service.priority || a.draw - b.draw)
    .map(({ service }) => service);
}

interface Remote {
  readonly transport: Transport;
  readonly end: Endpoint;
}

async function remotesOf(place: Place, hop: Hop, options: LocateOptions): Promise<readonly Remote[]> {
  const literal = parseIp(place.host);
  const found = literal
    ? [{ address: literal.text, family: literal.family }]
    : await options.names.addresses(place.host).catch(() => []);
  const ends = found.flatMap(({ address }): Endpoint[] => {
    const ip = parseIp(address);
    return ip && !isTeredo(ip) ? [{ family: ip.family, address: ip.text, port: place.port }] : [];
  });
  const first: Family = options.hasIpv6() || ends.every(({ address }) => isLoopback(address)) ? 6 : 4;
  return [...ends.filter(({ family }) => family === first), ...ends.filter(({ family }) => family !== first)]
    .filter(({ family }) => hop.family === undefined || hop.family === family)
    .map((end) => ({ transport: place.transport, end }));
}

async function reachable(remotes: readonly Remote[], hop: Hop, options: LocateOptions): Promise<Located> {
  if (remotes.length === 0) {
    const only = hop.family === undefined ? '' : ` for IPv${hop.family}`;
    throw new NetError(
      'NO_ROUTE',
      `${hop.host} has no address${only} that could be found; check name and DNS`,
    );
  }
  const tried = await Promise.allSettled(remotes.map(({ transport, end }) => options.flowTo(transport, end)));
  const flows = tried.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (flows.length > 0) return { flows };
  const [first] = tried.flatMap((each) => (each.status === 'rejected' ? [String(each.reason.message)] : []));
  throw new NetError('NO_ROUTE', first ?? `no route to ${hop.host}`);
}
