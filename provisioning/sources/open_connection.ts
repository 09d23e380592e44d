/** A connection to a server that may be asked: its addresses, the race, the handshake, and the judgement on it. */
import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { mayUse } from '#address/classes.ts';
import { mayBePlain, REFUSED_PLAIN } from '#provisioning/fetch/rank.ts';
import { judge, type Pin, type Presented } from '#provisioning/fetch/trust.ts';
import type { Fetched, FetchOptions } from './https_fetch.ts';
import { presented } from './presented.ts';
import { raceConnect } from './race_connect.ts';

export interface Opened {
  readonly socket: Socket;
  readonly address: string;
  readonly shown?: Presented;
}

export interface OpenOptions extends FetchOptions {
  readonly pin: Pin | undefined;
  readonly firstUse: boolean;
  readonly domain: string | undefined;
}

const OLDEST = 'TLSv1.2';

/** Rejects when nobody is there. */
export async function openConnection(
  url: URL,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<Opened | Fetched> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const all = isIP(host) === 0 ? await (options.resolve ?? systemLookup)(host) : [host];
  const usable = all.filter((address) => mayUse(address) && (secure || mayBePlain(address, options)));
  if (usable.length === 0 && all.length > 0) {
    const error = secure ? 'its addresses may not be used' : REFUSED_PLAIN;
    return { kind: 'failed', failure: { kind: 'distrusted', error } };
  }
  const socket = await raceConnect(usable, Number(url.port) || (secure ? 443 : 80), signal);
  const address = socket.remoteAddress ?? '';
  if (!secure) return { socket, address };
  let secured: TLSSocket;
  try {
    secured = await handshake(socket, host, options, signal);
  } catch (error) {
    socket.destroy();
    const text = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', failure: { kind: signal.aborted ? 'unreachable' : 'tls', error: text } };
  }
  const names = [host, ...(options.domain === undefined ? [] : [options.domain])];
  const objection = objectionTo(presented(secured, names), options);
  if ('kind' in objection) {
    secured.destroy();
    return objection;
  }
  return { socket: secured, address, shown: objection.shown };
}

function objectionTo(
  shown: Presented | undefined,
  options: OpenOptions,
): Fetched | { readonly shown: Presented } {
  if (shown === undefined)
    return { kind: 'failed', failure: { kind: 'tls', error: 'the server shows no certificate' } };
  const { pin, requiredPin: required, firstUse } = options;
  const verdict = judge({ pin, required, shown, clock: options.clock() });
  switch (verdict.kind) {
    case 'believed':
      return { shown };
    case 'unproved':
      return firstUse ? { shown } : { kind: 'unproved', shown };
    case 'wait for the time':
      return { kind: 'failed', failure: { kind: 'no time' } };
    case 'changed':
      return { kind: 'changed', reason: verdict.reason, shown };
    case 'refused':
      return { kind: 'failed', failure: { kind: 'distrusted', error: verdict.reason } };
  }
}

/** The handshake alone proves nothing here: `presented` and `judge` look at it, before anything is sent. */
function handshake(
  socket: Socket,
  host: string,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const asked = options.domain ?? host;
    const secured = connect({
      ...{ socket, secureContext: contextOf(options), ALPNProtocols: ['http/1.1'] },
      // RFC 6066 3: a name, never an address.
      servername: isIP(asked) === 0 ? asked : '',
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const aborted = (): void => {
      secured.destroy(new Error('it took too long'));
    };
    signal.addEventListener('abort', aborted, { once: true });
    secured.once('error', reject).once('secureConnect', () => {
      signal.removeEventListener('abort', aborted);
      secured.off('error', reject);
      resolve(secured);
    });
  });
}

/** Reading all authorities takes a moment: once for each set of options. */
const contexts = new WeakMap<readonly string[] | FetchOptions['identity'], SecureContext>();

function contextOf({ identity, authorities, clientCertificate }: FetchOptions): SecureContext {
  const key = authorities ?? identity;
  const known = clientCertificate === undefined ? contexts.get(key) : undefined;
  if (known !== undefined) return known;
  const system = getCACertificates('system');
  const context = createSecureContext({
    minVersion: OLDEST,
    ca: [...(system.length > 0 ? system : getCACertificates('bundled')), ...(authorities ?? [])],
    ...(clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificate, key: clientCertificate.key }),
  });
  if (clientCertificate === undefined) contexts.set(key, context);
  return context;
}

export async function systemLookup(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, order: 'ipv6first' })).map(({ address }) => address);
}
