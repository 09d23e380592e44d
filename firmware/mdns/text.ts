/** What a TXT record of DNS-SD tells (RFC 6763 6): `key=value`, keys in ASCII and of any case, the first one counts. */

/** `key=value` in UTF-8 as octet text, cut to the 255 octets that fit. */
export function textsOf(pairs: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(pairs).flatMap(([key, value]) =>
    value === undefined ? [] : [Buffer.from(`${key}=${value}`).subarray(0, 255).toString('latin1')],
  );
}

/** By lower-case key; a key without `=` has the value `''`. Values that are no UTF-8 are made to be. */
export function pairsOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = (equals < 0 ? text : text.slice(0, equals)).toLowerCase();
    if (!/^[\x20-\x7e]+$/.test(key) || pairs.has(key)) continue;
    pairs.set(key, equals < 0 ? '' : Buffer.from(text.slice(equals + 1), 'latin1').toString('utf8'));
  }
  return pairs;
}
