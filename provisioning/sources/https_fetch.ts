/**
 * Fetches one file by https or http. The server is judged (fetch/trust.ts) as soon as the handshake is done: to one that
 * is not believed nothing is sent, neither name nor password. No agent, no proxy, nothing that other requests share.
 */

import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { beginTrail, follow, REDIRECTIONS, type Trail } from '#provisioning/fetch/redirects.ts';
import { type Failure, readRetryAfter } from '#provisioning/fetch/retry.ts';
import { type ClockState, hostIn, type Presented } from '#provisioning/fetch/trust.ts';
import type { Question } from '#provisioning/fetch/types.ts';
import { type DeviceIdentity, httpUserAgent } from '#provisioning/identity.ts';
import { answerTo, type Login } from './http_authorization.ts';
import { bodyOf, TooLarge } from './http_body.ts';
import { type Opened, openConnection } from './open_connection.ts';

export interface FetchOptions {
  readonly identity: DeviceIdentity;
  /** The addresses of a name; rejects with the code ENOTFOUND where there is none. Default: the system's. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** http also to servers that are neither on the link nor in private networks. */
  readonly allowHttp: boolean;
  readonly onLink?: (address: string) => boolean;
  /** `provisioning.pin`. */
  readonly requiredPin?: string;
  readonly clock: () => ClockState;
  /** PEM: authorities that are believed besides those of the system, and what we show of ourselves. */
  readonly authorities?: readonly string[];
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** ms for all of it; default 30 s. */
  readonly patience?: number;
  readonly random: () => string;
}

export type Fetched =
  | {
      readonly kind: 'content';
      readonly octets: Uint8Array;
      readonly etag?: string;
      readonly lastModified?: string;
      readonly maxAge?: number;
      readonly monitor?: string;
      readonly shown?: Presented;
      readonly upgraded: boolean;
      /** Where it came from. */
      readonly address: string;
      readonly url: string;
    }
  | { readonly kind: 'unchanged'; readonly address: string; readonly maxAge?: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unproved'; readonly shown: Presented }
  | { readonly kind: 'changed'; readonly reason: string; readonly shown: Presented }
  | { readonly kind: 'failed'; readonly failure: Failure };

const ACCEPT = 'application/vnd.dualtone+json, application/xml;q=0.8, text/plain;q=0.5';
/** ms for one file. */
export const PATIENCE = 30_000;
/** 401 answered, and once more where the nonce was stale. */
const MOST_LOGINS = 2;

/** Never rejects. */
export async function fetchFile(
  question: Question,
  options: FetchOptions,
  cancel?: AbortSignal,
): Promise<Fetched> {
  const limit = AbortSignal.timeout(options.patience ?? PATIENCE);
  const signal = cancel === undefined ? limit : AbortSignal.any([limit, cancel]);
  try {
    return await followed(question, options, signal);
  } catch (error) {
    return failedBy(error, signal);
  }
}

async function followed(question: Question, options: FetchOptions, signal: AbortSignal): Promise<Fetched> {
  let trail = beginTrail(question.url);
  let shownFirst: Presented | undefined;
  for (;;) {
    const hop = await atHop(question, trail, options, signal);
    if (hop.kind === 'ended') return hop.fetched;
    shownFirst ??= trail.urls.length === 1 ? hop.opened.shown : undefined;
    if (hop.kind === 'response') return await read(hop, { question, trail, shownFirst }, signal);
    const next = follow(trail, hop.location);
    if ('refused' in next) return failed({ kind: 'distrusted', error: next.refused });
    trail = next.trail;
  }
}

type Hop =
  | { readonly kind: 'ended'; readonly fetched: Fetched }
  | { readonly kind: 'redirected'; readonly location: string | undefined; readonly opened: Opened }
  | { readonly kind: 'response'; readonly response: IncomingMessage; readonly opened: Opened };

/** One server: asked, and asked again with its password where it wants one. */
async function atHop(
  question: Question,
  trail: Trail,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Hop> {
  const url = new URL(trail.urls.at(-1) ?? question.url);
  const elsewhere = url.host !== hostIn(question.url);
  // Whom the pinned server sends us to must be vouched for by an authority: its own word is not enough.
  const judged = elsewhere
    ? { pin: undefined, firstUse: question.firstUse && question.pin === undefined }
    : question;
  let authorization: string | undefined;
  for (let logins = 0; ; logins += 1) {
    const opened = await openConnection(
      url,
      { ...options, ...judged, domain: elsewhere ? undefined : question.domain },
      signal,
    );
    if ('kind' in opened) return { kind: 'ended', fetched: opened };
    const response = await ask(
      url,
      opened.socket,
      headersOf(url, question, options.identity, authorization),
      signal,
    );
    if (response.statusCode === 401 && logins < MOST_LOGINS && trail.home && question.login !== undefined) {
      authorization = authorizationFor(response, url, question.login, authorization !== undefined, options);
      if (authorization !== undefined) {
        response.destroy();
        continue;
      }
    }
    if (!REDIRECTIONS.includes(response.statusCode ?? 0)) return { kind: 'response', response, opened };
    response.destroy();
    return { kind: 'redirected', location: response.headers.location, opened };
  }
}

function authorizationFor(
  response: IncomingMessage,
  url: URL,
  login: Login,
  again: boolean,
  { random, allowHttp }: FetchOptions,
): string | undefined {
  const challenges = response.headersDistinct['www-authenticate'] ?? [];
  return answerTo(challenges, {
    ...{ login, uri: `${url.pathname}${url.search}`, cnonce: random(), again },
    mayBasic: url.protocol === 'https:' || allowHttp,
  });
}

function headersOf(
  url: URL,
  { validators }: Question,
  identity: DeviceIdentity,
  authorization: string | undefined,
): Record<string, string> {
  return {
    Host: url.host,
    'User-Agent': httpUserAgent(identity),
    Accept: ACCEPT,
    'Accept-Encoding': 'identity',
    ...(validators?.etag === undefined ? {} : { 'If-None-Match': validators.etag }),
    ...(validators?.lastModified === undefined ? {} : { 'If-Modified-Since': validators.lastModified }),
    ...(authorization === undefined ? {} : { Authorization: authorization }),
    Connection: 'close',
  };
}

function ask(
  url: URL,
  socket: Socket,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const path = `${url.pathname}${url.search}`;
    request({ method: 'GET', path, headers, signal, createConnection: () => socket })
      .on('response', resolve)
      .on('error', (error) => {
        socket.destroy();
        reject(error);
      })
      .end();
  });
}

async function read(
  { response, opened }: Extract<Hop, { kind: 'response' }>,
  { question, trail, shownFirst }: { question: Question; trail: Trail; shownFirst: Presented | undefined },
  signal: AbortSignal,
): Promise<Fetched> {
  const { statusCode: status = 0, headers } = response;
  const maxAge = maxAgeOf(headers['cache-control']);
  const age = maxAge === undefined ? {} : { maxAge };
  if (status !== 200) {
    response.destroy();
    if (status === 304) return { kind: 'unchanged', address: opened.address, ...age };
    if (status === 404 || status === 410) return { kind: 'absent' };
    const retryAfter = readRetryAfter(headers['retry-after'], Date.now());
    return failed({ kind: 'status', status, ...(retryAfter === undefined ? {} : { retryAfter }) });
  }
  const octets = await bodyOf(response, signal);
  const url = trail.urls.at(-1) ?? question.url;
  const upgraded = url !== question.url && url === question.url.replace(/^http:/, 'https:');
  const shown = upgraded ? opened.shown : shownFirst;
  const monitor = /<(sips?:[^>\s]{1,500})>\s*;[^,]*\brel="?monitor"?/i.exec(String(headers.link ?? ''))?.[1];
  return {
    ...{ kind: 'content', octets, upgraded, address: opened.address, url, ...age },
    ...(headers.etag === undefined ? {} : { etag: headers.etag }),
    ...(headers['last-modified'] === undefined ? {} : { lastModified: headers['last-modified'] }),
    ...(shown === undefined ? {} : { shown }),
    ...(monitor === undefined ? {} : { monitor }),
  };
}

/** Seconds. */
function maxAgeOf(cacheControl: string | undefined): number | undefined {
  const digits = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function failed(failure: Failure): Fetched {
  return { kind: 'failed', failure };
}

export function failedBy(error: unknown, signal: AbortSignal): Fetched {
  if (error instanceof TooLarge) return failed({ kind: 'unusable', error: error.message });
  if (signal.aborted) return failed({ kind: 'unreachable', error: 'it took too long' });
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: '', message: String(error) };
  if (code === 'ENOTFOUND') return failed({ kind: 'no such name' });
  return failed({ kind: 'unreachable', error: message });
}
