/**
 * Digest authentication for SIP: RFC 7616 with the algorithms of RFC 8760, and the RFC 2617 form without qop that
 * old servers ask for. The caller brings nonce count and cnonce; nothing here is random.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { quoted } from '../message/params.ts';
import { octetText } from '../message/text.ts';
import { type AuthFields, parseAuthFields, parseAuthFieldsList } from './auth_fields.ts';

export type Qop = 'auth' | 'auth-int';

export interface Challenge {
  /** Octet text, as written between the quotes. */
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  /** As the server spelled it; absent means MD5 and is not echoed. */
  readonly algorithm?: string;
  /** What the server offers that we know; empty: the form of RFC 2617 without qop. */
  readonly qop: readonly Qop[];
  /** The nonce was too old, the password was right: try again without asking anyone. */
  readonly stale: boolean;
  /** The user name is to be hashed (RFC 7616 3.4.4). */
  readonly userhash: boolean;
}

export interface Credentials {
  readonly challenge: Challenge;
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  /** UTF-8, like the password. */
  readonly username: string;
  readonly password: string;
  /** How often this nonce has been used, this time included: 1 and up. */
  readonly nc: number;
  /** Octet text of our choice, new for every request. */
  readonly cnonce: string;
  /** Wanted for qop auth-int only. */
  readonly body?: Uint8Array;
}

/** Strongest first (RFC 8760 2.1). `hash` is OpenSSL's name. */
const ALGORITHMS = [
  { token: 'SHA-512-256', hash: 'sha512-256' },
  { token: 'SHA-256', hash: 'sha256' },
  { token: 'MD5', hash: 'md5' },
] as const;

const SESSION = /-sess$/i;
const EMPTY = new Uint8Array(0);

/**
 * Every Digest challenge in the values of WWW-Authenticate or Proxy-Authenticate, several to a field or not.
 * Other schemes, and challenges without realm or nonce, are left out.
 */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  return values
    .flatMap((value) => parseAuthFieldsList(value))
    .filter(({ scheme }) => scheme === 'digest')
    .flatMap(({ params }) => challengeOf(params) ?? []);
}

function challengeOf(params: AuthFields['params']): Challenge | undefined {
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  if (realm === undefined || nonce === undefined) return undefined;
  const opaque = params.get('opaque');
  const algorithm = params.get('algorithm');
  const offered = params.get('qop');
  const qop = (offered ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(isQop);
  // A server that asks only for a qop that we do not know cannot be answered.
  if (offered !== undefined && offered.trim() !== '' && qop.length === 0) return undefined;
  return {
    realm,
    nonce,
    ...(opaque === undefined ? {} : { opaque }),
    ...(algorithm === undefined ? {} : { algorithm }),
    qop,
    stale: params.get('stale')?.toLowerCase() === 'true',
    userhash: params.get('userhash')?.toLowerCase() === 'true',
  };
}

function isQop(token: string): token is Qop {
  return token === 'auth' || token === 'auth-int';
}

/** The challenge with the strongest algorithm that we know, the first of equals; undefined: we know none. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  for (const { token } of ALGORITHMS) {
    const chosen = challenges.find((challenge) => plainAlgorithm(challenge.algorithm) === token);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** Without `-sess`, in capitals. */
function plainAlgorithm(algorithm = 'MD5'): string {
  return algorithm.replace(SESSION, '').toUpperCase();
}

/** What the response is computed from, in octet text. */
export interface DigestInput {
  readonly algorithm: string | undefined;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly qop: Qop | undefined;
  /** Eight hexadecimal digits. */
  readonly nc: string;
  readonly cnonce: string;
  readonly body: Uint8Array;
}

/** The `response` value (RFC 7616 3.4.1); throws a TypeError for an algorithm that we do not know. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, nonce, nc, cnonce, qop } = input;
  const h = (text: string) => digest(algorithm, Buffer.from(text, 'latin1'));
  const account = h(`${input.username}:${input.realm}:${input.password}`);
  const secret = SESSION.test(algorithm ?? '') ? h(`${account}:${nonce}:${cnonce}`) : account;
  const entity = qop === 'auth-int' ? `:${digest(algorithm, input.body)}` : '';
  const request = h(`${input.method}:${input.uri}${entity}`);
  return qop === undefined
    ? h(`${secret}:${nonce}:${request}`)
    : h(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${request}`);
}

function digest(algorithm: string | undefined, octets: Uint8Array): string {
  const name = plainAlgorithm(algorithm);
  const known = ALGORITHMS.find(({ token }) => token === name);
  if (known === undefined) throw new TypeError(`no digest algorithm ${name}`);
  return createHash(known.hash).update(octets).digest('hex');
}

/**
 * The value of Authorization or Proxy-Authorization that answers a chosen challenge, as octet text. qop `auth` where
 * the server offers it, `auth-int` where it offers nothing else.
 */
export function authorize(credentials: Credentials): string {
  const { challenge, uri, cnonce } = credentials;
  const { algorithm, realm, nonce, opaque } = challenge;
  const qop = challenge.qop.includes('auth') ? 'auth' : challenge.qop[0];
  const nc = credentials.nc.toString(16).padStart(8, '0');
  const username = octetText(credentials.username);
  const response = digestResponse({
    algorithm,
    username,
    realm,
    password: octetText(credentials.password),
    method: credentials.method,
    uri,
    nonce,
    qop,
    nc,
    cnonce,
    body: credentials.body ?? EMPTY,
  });
  const userhash = challenge.userhash && digest(algorithm, Buffer.from(`${username}:${realm}`, 'latin1'));
  const usesCnonce = qop !== undefined || SESSION.test(algorithm ?? '');
  return [
    `Digest username=${quoted(userhash === false ? username : userhash)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(usesCnonce ? [`cnonce=${quoted(cnonce)}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`]),
    ...(userhash === false ? [] : ['userhash=true']),
  ].join(', ');
}

/** The Digest credentials of an Authorization value, `response`, `nonce` and the like; undefined: they are none. */
export function parseAuthorization(value: string): AuthFields['params'] | undefined {
  const fields = parseAuthFields(value);
  return fields?.scheme === 'digest' ? fields.params : undefined;
}
