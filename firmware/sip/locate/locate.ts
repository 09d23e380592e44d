/**
 * Locating SIP servers: from the next hop of a request to the addresses to try, in order. RFC 3263 section 4, with
 * RFC 7984 for two families. The rules, all of them here:
 *
 *   the hop has          transport                      then ask
 *   ------------------   ----------------------------   ---------------------------------------
 *   a numeric address    the one named, else UDP; TLS   nothing
 *   a port               the one named, else UDP; TLS   A and AAAA
 *   a transport          that one                       SRV of it, else A and AAAA
 *   a name alone         NAPTR says, else who has SRV   NAPTR, SRV of it or of each, else A and AAAA
 *
 * "UDP; TLS": UDP for sip, TLS over TCP for sips, whose requests never travel otherwise. Where nothing says a port it
 * is 5060, over TLS 5061.
 *
 * NAPTR (RFC 3403): records that are no "s" of SIP over a transport of ours are discarded; the lowest order counts,
 * in it the lower preference goes first. A higher order is looked at only if the lower one led to no server at all.
 * SRV (RFC 2782): priority, then a draw by weight, made once per search. A lone target "." says that the service is
 * decidedly not there: then A and AAAA are not asked instead.
 *
 * Addresses of one target are put in order by RFC 6724 and the preference of the families; addresses of different
 * targets are never mixed (RFC 7984 4).
 *
 * The RFC asks one question after the other. Here all that might be needed are asked at once and the answers used in
 * the RFC's order, so a cold search takes one round trip, two where SRV names other hosts. The search itself is a
 * plain function of what is known: each answer makes the machine (locator.ts) search anew, and what the search looks
 * for and nobody knows yet becomes a question.
 */
import type { Endpoint, Family } from '#address/endpoint.ts';
import { type IpAddress, parseIp } from '#address/ip.ts';
import type { Hop, Transport } from '../types.ts';
import { type Refusal, refusalOf } from './address.ts';
import type { AddressRecord, Known, NaptrRecord, SrvRecord } from './dns.ts';
import { mayHaveServices, normalName } from './name.ts';

/** One server of the list. */
export interface Place {
  readonly transport: Transport;
  /** Host name or address, as SRV or the hop names it. */
  readonly target: string;
  /** Places of the same group have the same transport and SRV priority; groups count from 0. */
  readonly group: number;
  /** In the order to try them. */
  readonly addresses: readonly Endpoint[];
  /** Whether every family was answered; if not, addresses may come. */
  readonly complete: boolean;
}

export interface Search {
  /** In order. `asked`: here stands what an answer still under way will tell. */
  readonly places: readonly (Place | 'asked')[];
  /** Addresses that were met and are never used, with the reason. */
  readonly refused: readonly RefusedAddress[];
  /** For people; only where no place has an address, and none will have. */
  readonly error?: string;
}

export interface RefusedAddress extends Refusal {
  readonly address: string;
}

/** What a search may look at. */
export interface Sources {
  /** Transports that this telephone has, the most liked first. */
  readonly transports: readonly Transport[];
  readonly naptr: (name: string) => Known<NaptrRecord> | 'asked';
  readonly srv: (name: string) => Known<SrvRecord> | 'asked';
  readonly addresses: (name: string, family: Family) => Known<AddressRecord> | 'asked';
  /** The order of the servers of one service (RFC 2782), the same for the whole search. */
  readonly inSrvOrder: (service: string, records: readonly SrvRecord[]) => readonly SrvRecord[];
  /** RFC 6724 and the preference of the families, for the addresses of one target. */
  readonly inAddressOrder: (addresses: readonly Endpoint[]) => readonly Endpoint[];
}

/** A server that is not yet looked up. */
type Spot = Pick<Place, 'transport' | 'target' | 'group'> & { readonly port: number };

interface Service {
  readonly transport: Transport;
  /** `_sip._udp.example.com` */
  readonly name: string;
}

const PREFIX: Record<Transport, string> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };
const DEFAULT_PORT: Record<Transport, number> = { udp: 5060, tcp: 5060, tls: 5061 };
/** RFC 3263 4.1; SIPS+D2U makes no sense and is nobody's. */
const TRANSPORT_OF: Readonly<Record<string, Transport>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
};
/** Who names more servers, or more addresses of one, has those beyond never tried. */
const MOST_PLACES = 16;
const MOST_ADDRESSES = 16;

const FAMILIES: readonly Family[] = [6, 4];

/** Finds what can be found with what is known by now. */
export function search(hop: Hop, sources: Sources): Search {
  const usable = sources.transports.filter((transport) => !hop.secure || transport === 'tls');
  const fault = faultOf(hop, usable);
  if (fault !== undefined) return { places: [], refused: [], error: fault };
  const spots = spotsOf(hop, { ...sources, transports: usable });
  if (spots === 'nowhere') {
    return {
      places: [],
      refused: [],
      error: `${hop.host} offers no SIP that this telephone could use (SRV)`,
    };
  }
  const found = spots
    .slice(0, MOST_PLACES)
    .map((spot) => (spot === 'asked' ? spot : placeOf(spot, hop, sources)));
  const refused = found.flatMap((each) => (each === 'asked' ? [] : each.refused));
  const places = found.map((each) => (each === 'asked' ? each : each.place));
  if (!places.every((place) => place !== 'asked' && isEmpty(place))) return { places, refused };
  const causes = found.flatMap((each) => (each === 'asked' ? [] : each.causes));
  return { places, refused, error: whyNone(hop, refused, causes) };
}

/** Whether it is certain that a place has no address. */
export function isEmpty(place: Place): boolean {
  return place.complete && place.addresses.length === 0;
}

/** What makes every search vain. */
function faultOf(hop: Hop, usable: readonly Transport[]): string | undefined {
  const demanded = demandedBy(hop);
  if (hop.secure && hop.transport === 'udp') return `${hop.host}: sips cannot travel over UDP`;
  if (usable.length === 0 || (demanded !== undefined && !usable.includes(demanded))) {
    const name = (demanded ?? 'tls').toUpperCase();
    return `${name} is not built in, and ${hop.host} shall be reached by nothing else`;
  }
  const literal = parseIp(hop.host);
  if (literal === undefined)
    return normalName(hop.host) === undefined ? `${hop.host} is no host name` : undefined;
  if (hop.family === undefined || hop.family === literal.family) return undefined;
  return `${literal.text} is an IPv${literal.family} address, and only IPv${hop.family} is wanted`;
}

function demandedBy(hop: Hop): Transport | undefined {
  return hop.transport !== undefined && hop.secure ? 'tls' : hop.transport;
}

/** RFC 3263 4.1 and 4.2, all but the addresses. `nowhere`: SRV says that there is no such service. */
function spotsOf(hop: Hop, sources: Sources): readonly (Spot | 'asked')[] | 'nowhere' {
  const literal = parseIp(hop.host);
  const host = literal?.text ?? normalName(hop.host) ?? hop.host;
  const demanded = demandedBy(hop);
  const usual = hop.secure ? 'tls' : (sources.transports[0] ?? 'udp');
  const plain = (transport: Transport): Spot => {
    return { transport, target: host, port: hop.port ?? DEFAULT_PORT[transport], group: 0 };
  };
  if (literal !== undefined || hop.port !== undefined || !mayHaveServices(host)) {
    return [plain(demanded ?? usual)];
  }
  // Asked now, used only if nothing better is found.
  for (const family of familiesOf(hop)) sources.addresses(host, family);
  const own = (demanded === undefined ? sources.transports : [demanded]).map((transport): Service => {
    return { transport, name: `${PREFIX[transport]}.${host}` };
  });
  for (const { name } of own) sources.srv(name);
  const byNaptr = demanded === undefined ? naptrServices(host, sources) : [];
  if (byNaptr === 'asked') return ['asked'];
  let denied = false;
  for (const services of byNaptr.length > 0 ? byNaptr : [own]) {
    const spots = services.map((service) => srvSpots(service, sources));
    denied ||= spots.includes('nowhere');
    const there = spots.flatMap((each) => (each === 'nowhere' ? [] : each));
    if (there.length > 0) return grouped(there);
  }
  if (denied) return 'nowhere';
  return [plain(demanded ?? byNaptr[0]?.[0]?.transport ?? usual)];
}

/** The services that NAPTR names, for each order that has any of use; empty: it names none. */
function naptrServices(
  host: string,
  { naptr, transports }: Sources,
): readonly (readonly Service[])[] | 'asked' {
  const known = naptr(host);
  if (known === 'asked') return known;
  if (known.state !== 'found') return [];
  const useful = known.records.filter(isForServices).flatMap((record) => {
    const transport = TRANSPORT_OF[record.services.toUpperCase()];
    return transport !== undefined && transports.includes(transport) ? [{ ...record, transport }] : [];
  });
  const orders = [...new Set(useful.map(({ order }) => order))].sort((a, b) => a - b);
  return orders.map((wanted) =>
    useful
      .filter(({ order }) => order === wanted)
      .sort((a, b) => a.preference - b.preference)
      .map(({ transport, replacement }) => ({ transport, name: replacement })),
  );
}

/** RFC 3263 4.1: flag "s", an empty expression, and a replacement that is the name of SRV records. */
function isForServices({ flags, regexp, replacement }: NaptrRecord): boolean {
  return flags.toLowerCase() === 's' && regexp === '' && replacement !== '';
}

function srvSpots({ transport, name }: Service, sources: Sources): readonly (Spot | 'asked')[] | 'nowhere' {
  const known = sources.srv(name);
  if (known === 'asked') return [known];
  if (known.state !== 'found') return [];
  const real = known.records.filter(({ target, port }) => target !== '' && port !== 0);
  if (real.length === 0) return 'nowhere';
  return sources.inSrvOrder(name, real).map(({ target, port, priority }) => {
    return { transport, target, port, group: priority };
  });
}

/** Counts the groups; until here `group` is the priority. */
function grouped(spots: readonly (Spot | 'asked')[]): readonly (Spot | 'asked')[] {
  const seen: string[] = [];
  return spots.map((spot) => {
    if (spot === 'asked') return spot;
    const key = `${spot.transport} ${spot.group}`;
    if (!seen.includes(key)) seen.push(key);
    return { ...spot, group: seen.indexOf(key) };
  });
}

interface Found {
  readonly place: Place;
  readonly refused: readonly RefusedAddress[];
  /** Why a family has no address; empty where that is just so. */
  readonly causes: readonly string[];
}

/** A target with its addresses of both families, or of the one that the account wants. */
function placeOf({ port, ...spot }: Spot, hop: Hop, { addresses, inAddressOrder }: Sources): Found {
  const literal = parseIp(spot.target);
  const answers = familiesOf(hop).map((family) => {
    if (literal !== undefined) return literal.family === family ? [literal] : [];
    const known = addresses(spot.target, family);
    if (known === 'asked' || known.state !== 'found') return known;
    return known.records.slice(0, MOST_ADDRESSES).flatMap(({ address }) => parseIp(address) ?? []);
  });
  const ips = answers.filter((answer) => Array.isArray(answer)).flat();
  const refused = ips.flatMap((ip) => {
    const refusal = refusalOf(ip);
    return refusal === undefined ? [] : [{ address: ip.text, ...refusal }];
  });
  const usable = ips.filter(({ text }) => !refused.some(({ address }) => address === text));
  const ends = usable.map((ip): Endpoint => ({ family: ip.family, address: ip.text, port }));
  const complete = !answers.includes('asked');
  return {
    place: { ...spot, addresses: inAddressOrder(ends), complete },
    refused,
    causes: answers.flatMap((answer) => causeOf(answer, spot.target)),
  };
}

function causeOf(answer: readonly IpAddress[] | Known | 'asked', target: string): readonly string[] {
  if (typeof answer === 'string' || !('state' in answer)) return [];
  if (answer.state === 'failed') return [answer.reason];
  return answer.state === 'none' && !answer.exists ? [`${target} does not exist`] : [];
}

function familiesOf({ family }: Hop): readonly Family[] {
  return family === undefined ? FAMILIES : [family];
}

function whyNone(hop: Hop, refused: readonly RefusedAddress[], causes: readonly string[]): string {
  const only = hop.family === undefined ? '' : ` for IPv${hop.family}`;
  const [first] = refused;
  if (first !== undefined && parseIp(hop.host) !== undefined) {
    return `${first.address} is ${first.why}; nothing is sent there`;
  }
  if (first !== undefined) {
    return `${hop.host} has no address${only} that may be used: ${first.address} is ${first.why}`;
  }
  const because = causes[0] === undefined ? '' : ` (${causes[0]})`;
  return `${hop.host} has no address${only} that could be found${because}; check name and DNS`;
}
