/** What was dialled → who is called. Digits from the keys and text from the command line take the same way. */
import { parseUri } from '#sip/message/uri.ts';
import { type BuiltInNumber, builtInNumber, DIRECT_IP_PREFIX } from './features.ts';

export type DialTarget =
  | { readonly kind: 'service'; readonly service: BuiltInNumber }
  | { readonly kind: 'call'; readonly uri: string; readonly account?: string; readonly name?: string }
  /** Nothing can be called by this; `reason` is for people. */
  | { readonly kind: 'wrong'; readonly why: WrongNumber; readonly reason: string };

/**
 * `no-line`: it might be a number, but we have no account; `other-key`: it is that of a neighbour who shows another key
 * than before; `barred`: it may not be dialled here.
 */
export type WrongNumber = 'no-number' | 'no-line' | 'other-key' | 'barred';

export interface CallingAccount {
  readonly id: string;
  /** `user@domain`, with or without scheme. */
  readonly aor: string;
}

const MAX_LENGTH = 1024;
const NUMBER = /^\+?[\d*#]+$/;
/** RFC 3966 5.1.1, and blanks, which people type. */
const VISUAL_SEPARATORS = /[\s().-]/g;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$/;
const BARE_IPV6 = /^[\da-f]*:[\da-f:.]*:[\da-f:.]*(?:%[\w.~-]+)?$/i;

export interface CallingAccounts {
  /** The one that calls numbers and names; absent: none is configured. */
  readonly caller: CallingAccount | undefined;
  /** The one that calls addresses of its own domain. */
  ofDomain(domain: string): CallingAccount | undefined;
}

/** Who is called by a number or name without any account; undefined: nobody, or an account goes before. */
export type FindNeighbour = (dialled: string) => { readonly uri: string; readonly name: string } | undefined;

/** Finds whom `dialled` means, and who calls. */
export function dialTarget(
  dialled: string,
  accounts: CallingAccounts,
  neighbour: FindNeighbour = () => undefined,
): DialTarget {
  const target = callee(dialled, accounts.caller, neighbour);
  if (target.kind !== 'call' || target.account !== undefined) return target;
  const uri = parseUri(target.uri);
  const host = uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri.host : '';
  const account = accounts.ofDomain(host);
  return account === undefined ? target : { ...target, account: account.id };
}

function callee(dialled: string, account: CallingAccount | undefined, neighbour: FindNeighbour): DialTarget {
  const text = dialled.toWellFormed().trim();
  if (text === '') return wrong('nothing was dialled');
  if (text.length > MAX_LENGTH) return wrong('the number is too long');
  const service = builtInNumber(text.replace(/#$/, ''));
  if (service) return { kind: 'service', service };
  if (text.startsWith(DIRECT_IP_PREFIX)) return directIp(text);
  if (/^sips?:/i.test(text)) return validUri(text);
  if (/^tel:/i.test(text)) return telephone(text, account);
  if (text.includes('@') || text.startsWith('[') || IPV4.test(text)) return validUri(`sip:${text}`);
  if (BARE_IPV6.test(text)) return validUri(`sip:[${text}]`);
  const near = neighbour(text);
  if (near !== undefined) return { kind: 'call', uri: near.uri, name: near.name };
  return numberOrName(text, account);
}

/** `*47192*0*2*7` and `*47192*0*2*7*5062`, with or without `#`. */
function directIp(text: string): DialTarget {
  const parts = text.slice(DIRECT_IP_PREFIX.length).replace(/#$/, '').split('*');
  const octets = parts.slice(0, 4);
  const port = parts[4];
  const good =
    octets.length === 4 &&
    octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256) &&
    parts.length < 6 &&
    (port === undefined || (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65536));
  if (!good) return wrong(`${text} is no IPv4 address: dial *47, then a*b*c*d`);
  return {
    kind: 'call',
    uri: `sip:${octets.map(Number).join('.')}${port === undefined ? '' : `:${Number(port)}`}`,
  };
}

function validUri(text: string): DialTarget {
  const uri = parseUri(text);
  if (uri === undefined || uri.scheme === 'other') return wrong(`${text} is no address that can be called`);
  return { kind: 'call', uri: text };
}

/** RFC 3261 19.1.6: the number goes into the user part of the account's domain. */
function telephone(text: string, account: CallingAccount | undefined): DialTarget {
  const uri = parseUri(text);
  if (uri?.scheme !== 'tel') return wrong(`${text} is no telephone number`);
  if (account === undefined) return noLine(uri.number);
  return {
    kind: 'call',
    uri: `sip:${escapedUser(uri.number)}@${domainOf(account)};user=phone`,
    account: account.id,
  };
}

function numberOrName(text: string, account: CallingAccount | undefined): DialTarget {
  const plain = text.replace(VISUAL_SEPARATORS, '');
  const isNumber = NUMBER.test(plain);
  if (!isNumber && text.includes('.')) return validUri(`sip:${text}`);
  if (!isNumber && /\s/.test(text)) return wrong(`${text} is neither a number nor an address`);
  if (account === undefined) return noLine(text);
  const target = validUri(`sip:${escapedUser(isNumber ? plain : text)}@${domainOf(account)}`);
  return target.kind === 'call' ? { ...target, account: account.id } : target;
}

/** RFC 3261 25.1: what may not stand in a user part is escaped, above all `#`. */
function escapedUser(user: string): string {
  return encodeURIComponent(user).replaceAll('%2B', '+');
}

function domainOf({ aor }: CallingAccount): string {
  return aor.slice(aor.lastIndexOf('@') + 1);
}

function wrong(reason: string): DialTarget {
  return { kind: 'wrong', why: 'no-number', reason };
}

function noLine(number: string): DialTarget {
  return {
    kind: 'wrong',
    why: 'no-line',
    reason: `no account can call ${number}: add one to accounts, or dial an address such as user@host`,
  };
}
