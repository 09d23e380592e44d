/** Takes out of a SIP message what nobody but the two ends may see. Works on malformed messages as well. */

const MASK = '***';

/** Header fields with credentials (RFC 3261 22, RFC 8760), folded lines included. */
const CREDENTIALS =
  /^((?:Proxy-)?Authorization|(?:Proxy-)?Authentication-Info)([ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)/gim;
const DIGEST_PARAMETER = /(?<![\w.-])([\w.-]+)([ \t]*=[ \t]*)("(?:[^"\\]|\\[\s\S])*"?|[^,\s]*)/g;
/** Of Digest; every other parameter is masked. */
const HARMLESS = new Set([
  'username',
  'realm',
  'nonce',
  'uri',
  'algorithm',
  'opaque',
  'qop',
  'nc',
  'userhash',
  'stale',
]);

/** SDP security descriptions (RFC 4568) and `k=` (RFC 8866 5.12). */
const SDP_KEYS = /^(a=crypto:.*?inline:|k=[^:\r\n]*:?)[^\r\n]*/gim;
/** A URI as far as it can reach; its password is looked for inside, so that the time stays linear. */
const SIP_URI = /\b(sips?:)([^\s<>"]+)/gi;

/** `text` is Latin-1, a whole message. */
export function withoutSecrets(text: string): string {
  return text
    .replace(
      CREDENTIALS,
      (_, name: string, colon: string, value: string) => `${name}${colon}${maskedValue(name, value)}`,
    )
    .replace(SDP_KEYS, `$1${MASK}`)
    .replace(SIP_URI, (_, scheme: string, rest: string) => scheme + withoutPassword(rest));
}

/** `user:password@host` (RFC 3261 19.1.1). */
function withoutPassword(uri: string): string {
  const at = uri.indexOf('@');
  const colon = uri.indexOf(':');
  return colon >= 0 && colon < at ? `${uri.slice(0, colon)}:${MASK}${uri.slice(at)}` : uri;
}

function maskedValue(name: string, value: string): string {
  const isInfo = /info$/i.test(name);
  if (!isInfo && !/^Digest\s/i.test(value)) return `${value.split(/\s/, 1)[0]} ${MASK}`;
  return value.replace(DIGEST_PARAMETER, (parameter: string, key: string, equals: string) =>
    HARMLESS.has(key.toLowerCase()) ? parameter : `${key}${equals}"${MASK}"`,
  );
}
