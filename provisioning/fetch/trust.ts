/**
 * Whom the telephone believes. The first server that configures it is pinned: by its own public key and by the authority
 * above it (trust on first use). From then on nobody else configures it: another host, another key, or the same host
 * without TLS is refused, and a move needs a key pressed by a person, or `moveTo` in a file of the pinned server itself.
 */

export interface Pin {
  /** Name or address, and the port where it is no usual one, as URLs have it. */
  readonly host: string;
  /** SPKI hashes, `sha256/…` (RFC 7469 2.4): its own and that of the top of its chain. Empty: http or tftp, no proof. */
  readonly keys: readonly string[];
}

/** What a server showed in the TLS handshake. */
export interface Presented {
  /** SPKI hashes of the chain, its own first, each certificate signed by the next. */
  readonly keys: readonly [own: string, ...above: string[]];
  /** Whether the certificate names the host that was called, or its service domain (RFC 6011 5). */
  readonly named: boolean;
  /** An authority of the system vouches for it, it is named so, and the dates hold. */
  readonly proved: boolean;
  /** It is named so, and as far as can be seen nothing but dates is wrong. */
  readonly datesOnly: boolean;
  /** By our clock all certificates of `keys` are valid now. */
  readonly inDate: boolean;
}

/**
 * `awaited`: the clock stands at the epoch, but may be set any moment. `absent`: it was waited for long enough. A board
 * has no clock of its own, and a LAN without time service is no reason never to be configured.
 */
export type ClockState = 'known' | 'awaited' | 'absent';

export interface TrustQuestion {
  readonly pin: Pin | undefined;
  /** `provisioning.pin`: has to be there, whatever else is. */
  readonly required: string | undefined;
  readonly shown: Presented;
  readonly clock: ClockState;
}

export type Judgement =
  | { readonly kind: 'believed' }
  /** Nobody vouches; may be believed at first use, when no better server is there. */
  | { readonly kind: 'unproved' }
  | { readonly kind: 'wait for the time' }
  | { readonly kind: 'changed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Dates. A pinned key of the server's own proves who it is whatever the date. Below a pinned authority the dates count,
 * but not for a clock that does not know them: whoever holds an old certificate of that authority would also need its
 * key. Without a pin we first wait for the time, since a pin lasts; in vain, the server is believed like any unknown
 * one, never as proved: to refuse it would favour those who show a certificate that nobody vouches for.
 */
export function judge({ pin, required, shown, clock }: TrustQuestion): Judgement {
  if (required !== undefined && !shown.keys.includes(required))
    return { kind: 'refused', reason: 'the server does not have the key of provisioning.pin' };
  if (pin !== undefined && pin.keys.length > 0) return judgePinned(pin.keys, shown, clock);
  if (shown.proved) return { kind: 'believed' };
  if (required !== undefined && required === shown.keys[0]) return { kind: 'believed' };
  if (shown.datesOnly && clock === 'awaited') return { kind: 'wait for the time' };
  return { kind: 'unproved' };
}

function judgePinned(pinned: readonly string[], shown: Presented, clock: ClockState): Judgement {
  const [own, ...above] = shown.keys;
  if (pinned.includes(own)) return { kind: 'believed' };
  if (!above.some((key) => pinned.includes(key)))
    return { kind: 'changed', reason: 'it shows another key than before' };
  if (!shown.named) return { kind: 'changed', reason: 'its certificate names another host' };
  if (!shown.inDate && clock === 'known')
    return { kind: 'refused', reason: 'its certificate is not valid now' };
  return { kind: 'believed' };
}

/** The pin that a believed server leaves; without TLS only its name. */
export function pinOf(host: string, shown: Presented | undefined): Pin {
  const keys = shown === undefined ? [] : [...new Set([shown.keys[0], shown.keys.at(-1) ?? shown.keys[0]])];
  return { host, keys };
}

/** A place to ask, held against the pin before anybody is asked. undefined: it may be. */
export function objection(
  url: string,
  pin: Pin | undefined,
): { readonly reason: string; readonly change: boolean } | undefined {
  const { protocol } = new URL(url);
  if (pin !== undefined && hostIn(url) !== pin.host)
    return { reason: `${hostIn(url)} is not ${pin.host}, which configured this telephone`, change: true };
  if (pin !== undefined && pin.keys.length > 0 && protocol !== 'https:')
    return {
      reason: `${hostIn(url)} was known by its key, and now is asked for without https`,
      change: false,
    };
  return undefined;
}

/** `pbx.example`, `pbx.example:8443`, `[2001:db8::1]`; http and https of one name are one host. */
export function hostIn(url: string): string {
  return new URL(url).host;
}
