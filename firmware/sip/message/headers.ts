/**
 * The header fields that we know by name: canonical spelling and compact form (RFC 3261 7.3.3 and 20, and the
 * extensions that a telephone meets). Others keep working, by their lower-case name.
 */

const TABLE = [
  ['Via', 'v'],
  ['From', 'f'],
  ['To', 't'],
  ['Call-ID', 'i'],
  ['CSeq', ''],
  ['Contact', 'm'],
  ['Content-Length', 'l'],
  ['Content-Type', 'c'],
  ['Record-Route', ''],
  ['Route', ''],
  ['Max-Forwards', ''],
  ['Accept', ''],
  ['Accept-Contact', 'a'],
  ['Accept-Encoding', ''],
  ['Accept-Language', ''],
  ['Alert-Info', ''],
  ['Allow', ''],
  ['Allow-Events', 'u'],
  ['Authentication-Info', ''],
  ['Authorization', ''],
  ['Call-Info', ''],
  ['Content-Disposition', ''],
  ['Content-Encoding', 'e'],
  ['Content-Language', ''],
  ['Date', ''],
  ['Diversion', ''],
  ['Error-Info', ''],
  ['Event', 'o'],
  ['Expires', ''],
  ['Flow-Timer', ''],
  ['Identity', 'y'],
  ['In-Reply-To', ''],
  ['Join', ''],
  ['MIME-Version', ''],
  ['Min-Expires', ''],
  ['Min-SE', ''],
  ['Organization', ''],
  ['P-Asserted-Identity', ''],
  ['P-Preferred-Identity', ''],
  ['Path', ''],
  ['Priority', ''],
  ['Privacy', ''],
  ['Proxy-Authenticate', ''],
  ['Proxy-Authorization', ''],
  ['Proxy-Require', ''],
  ['RAck', ''],
  ['RSeq', ''],
  ['Reason', ''],
  ['Refer-Sub', ''],
  ['Refer-To', 'r'],
  ['Referred-By', 'b'],
  ['Reject-Contact', 'j'],
  ['Remote-Party-ID', ''],
  ['Replaces', ''],
  ['Reply-To', ''],
  ['Request-Disposition', 'd'],
  ['Require', ''],
  ['Retry-After', ''],
  ['SIP-ETag', ''],
  ['SIP-If-Match', ''],
  ['Server', ''],
  ['Service-Route', ''],
  ['Session-Expires', 'x'],
  ['Subject', 's'],
  ['Subscription-State', ''],
  ['Supported', 'k'],
  ['Timestamp', ''],
  ['Unsupported', ''],
  ['User-Agent', ''],
  ['WWW-Authenticate', ''],
  ['Warning', ''],
] as const;

/** The lower-case canonical name, such as `call-id`; names that are not in the table are welcome. */
export type HeaderName = Lowercase<(typeof TABLE)[number][0]> | (string & {});

/** A header field's number in the table; -1: not in the table. */
export type HeaderId = number;
export const UNKNOWN: HeaderId = -1;

const ids = new Map<string, HeaderId>();
const compactIds = new Int8Array(128).fill(UNKNOWN);
/** Spellings by length and first letter, so that the usual spelling is found without copying the name. */
const buckets: { readonly spelling: string; readonly id: HeaderId }[][] = [];

function bucketOf(length: number, first: number): number {
  return length * 32 + (first & 31);
}

TABLE.forEach(([name, compact], id) => {
  ids.set(name.toLowerCase(), id);
  const key = bucketOf(name.length, name.charCodeAt(0));
  buckets[key] = [...(buckets[key] ?? []), { spelling: name, id }];
  if (compact !== '') {
    ids.set(compact, id);
    compactIds[compact.charCodeAt(0)] = id;
    compactIds[compact.toUpperCase().charCodeAt(0)] = id;
  }
});

/** The number of a lower-case name, canonical or compact. */
export function headerId(name: HeaderName): HeaderId {
  return ids.get(name) ?? UNKNOWN;
}

/** The number of the name that stands at `start`–`end` of `text` in any spelling. */
export function headerIdAt(text: string, start: number, end: number): HeaderId {
  const length = end - start;
  const first = text.charCodeAt(start);
  if (length === 1) return compactIds[first] ?? UNKNOWN;
  const bucket = buckets[bucketOf(length, first)];
  if (bucket === undefined) return UNKNOWN;
  for (let i = 0; i < bucket.length; i += 1) {
    const entry = bucket[i];
    if (entry !== undefined && text.startsWith(entry.spelling, start)) return entry.id;
  }
  return ids.get(text.slice(start, end).toLowerCase()) ?? UNKNOWN;
}

/** How a name is written: the canonical spelling of a known one, else as it is. */
export function headerSpelling(name: string): string {
  const id = ids.get(name.toLowerCase());
  return id === undefined ? name : (TABLE[id]?.[0] ?? name);
}
