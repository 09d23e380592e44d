/** URLs as administrators write them into options that were meant for other things. */
import { Buffer } from 'node:buffer';
import { parseIp } from '#address/ip.ts';
import { domainOf, piecesIn, textIn } from './octets.ts';

const LONGEST = 1024;
const SCHEMES = /^(?:https?|tftp):$/;

/**
 * A URL of a server that configurations could come from, as it was written: macros such as `{mac}` stay. Undefined: it
 * is none, or of a scheme that we do not speak.
 */
export function serverUrl(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST || !/^[a-z]+:\/\/[\x21-\x7e]+$/i.test(trimmed)) return undefined;
  try {
    const { protocol, hostname } = new URL(trimmed);
    return SCHEMES.test(protocol) && hostname !== '' ? trimmed : undefined;
  } catch {
    return undefined;
  }
}

export function serverUrlIn(octets: Uint8Array): string | undefined {
  const text = textIn(octets);
  return text === undefined ? undefined : serverUrl(text);
}

/** `192.0.2.1`, `2001:db8::1`, `prov.example.net`, each maybe with a port and a path: a TFTP server, by tradition. */
const BARE = /^(\[[\da-f:.]+\]|[^\s/:[\]]+)(:\d{1,5})?(\/[\x21-\x7e]*)?$/i;

/**
 * A URL, or those of the server whose name or address stands there alone. By tradition that is one of TFTP (RFC 2132 9.4,
 * RFC 5859), but a PBX has the same files behind HTTP, and there we can see whose they are: the best way first.
 */
export function bareServerUrls(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed.includes('://')) return only(serverUrl(trimmed));
  if (parseIp(trimmed)?.family === 6) return WAYS.map((scheme) => `${scheme}://[${trimmed}]/`);
  const [, host = '', port = '', path = '/'] = BARE.exec(trimmed) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '' || (parseIp(bare) === undefined && domainOf(bare) === undefined)) return [];
  return WAYS.flatMap((scheme) => only(serverUrl(`${scheme}://${host}${port}${path}`)));
}

const WAYS = ['https', 'http', 'tftp'] as const;

function only(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [url];
}

/**
 * The server of option 66 and the path of option 67, as Snom joins them; then the server alone, as others read it. A
 * file that is itself a URL needs no server.
 */
export function joinedUrls(server: string | undefined, file: string | undefined): readonly string[] {
  const whole = file === undefined ? undefined : serverUrl(file);
  const bases = server === undefined ? [] : bareServerUrls(server);
  if (bases.length === 0) return only(whole);
  if (file === undefined || file === '') return bases;
  if (whole !== undefined) return [whole, ...bases];
  const joined = bases.flatMap((base) =>
    only(serverUrl(`${base.replace(/\/$/, '')}/${file.replace(/^\/+/, '')}`)),
  );
  return [...joined, ...bases];
}

/** What the makers put their URL under: TR-069 1, Aastra and Mitel 2, Alcatel 66 and 67, Polycom 66 and 160. */
const VENDOR_CODES = [2, 66, 67, 160, 1] as const;

/** Option 43: the URL itself, or a list of the makers' own options, of whom nobody knows whose they are (RFC 2132 8.4). */
export function vendorSpecificUrls(octets: Uint8Array): readonly string[] {
  const bare = serverUrlIn(octets);
  if (bare !== undefined) return [bare];
  const pieces = piecesIn(withoutEnd(octets), 1) ?? [];
  return VENDOR_CODES.flatMap((wanted) =>
    pieces.flatMap(([code, value]) => (code === wanted ? (serverUrlIn(value) ?? []) : [])),
  );
}

/** RFC 2132 8.4: a list may end with 255, and padding behind it. */
function withoutEnd(octets: Uint8Array): Uint8Array {
  const padding = /(?:\xff\0*)?$/.exec(Buffer.from(octets).toString('latin1'))?.[0].length ?? 0;
  return octets.subarray(0, octets.length - padding);
}

/** The Broadband Forum's, whose option 1 is the URL of a management server (TR-069 3.1): the last to be tried. */
const BROADBAND_FORUM = 3561;

/** Options of one enterprise, in its own numbers: whichever is a URL; or the URL itself. */
export function enterpriseUrls(enterprise: number, octets: Uint8Array, width: 1 | 2): readonly string[] {
  const bare = serverUrlIn(octets);
  if (bare !== undefined) return [bare];
  const urls = (piecesIn(octets, width) ?? []).flatMap(([code, value]) => {
    const url = serverUrlIn(value);
    return url === undefined ? [] : [{ url, last: enterprise === BROADBAND_FORUM && code === 1 }];
  });
  return [...urls.filter(({ last }) => !last), ...urls.filter(({ last }) => last)].map(({ url }) => url);
}
