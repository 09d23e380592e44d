/**
 * TLS 1.2 and later. A server is believed when an authority that we know vouches for it, and when its certificate
 * names the domain that was called (RFC 3261 26.3.1, RFC 5922 7.3), whatever names DNS led through. A neighbour on the
 * LAN, for whom no authority vouches, is believed when it shows the very certificate that it is known by.
 *
 * node:tls is loaded when first used: a telephone without TLS shall not pay for it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import process from 'node:process';
import type { SecureContext, TLSSocket } from 'node:tls';
import { certifies, sipIdentities } from './certificate_name.ts';
import { NetError, systemCode } from './errors.ts';
import type { StreamOpener } from './stream_opener.ts';

export interface TlsOptions {
  /** PEM file of authorities that are believed besides those of the system. */
  readonly caFile?: string;
  /** PEM files: with both of them we listen. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** Milliseconds that a peer's handshake may take. */
  readonly handshake?: number;
}

/** Where systems keep their authorities; the first that is there counts, else those that Node brings along. */
const SYSTEM_AUTHORITIES = [
  process.env.SSL_CERT_FILE,
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];
const OLDEST = 'TLSv1.2';
const HANDSHAKE = 10_000;

/** Stands before the fingerprint of the certificate that a peer has to show: SHA-256, base64url. No domain has a colon. */
const FINGERPRINT = 'sha-256:';

/** The server name of a peer that is known by its certificate alone. */
export function nameOfFingerprint(fp: string): string {
  return `${FINGERPRINT}${fp}`;
}

/** Whether a peer of this server name is known by its certificate alone. */
export function isFingerprint(serverName: string): boolean {
  return serverName.startsWith(FINGERPRINT);
}

/** Of a certificate in DER: SHA-256, base64url. */
export function fingerprintOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('base64url');
}

export function tlsOpener(options: TlsOptions): StreamOpener {
  let believing: SecureContext | undefined;
  let knowing: SecureContext | undefined;
  const contexts = {
    /** For peers for whom authorities vouch. */
    believing: () => {
      believing ??= tls().createSecureContext({ minVersion: OLDEST, ...authorities(options.caFile) });
      return believing;
    },
    /** For those who are known: to read all authorities takes a while, and none of them has a say. */
    knowing: () => {
      knowing ??= tls().createSecureContext({ minVersion: OLDEST, ca: [] });
      return knowing;
    },
  };
  return {
    transport: 'tls',
    ready: 'proved',
    connect: (from, remote, serverName) => {
      const fp = isFingerprint(serverName) ? serverName.slice(FINGERPRINT.length) : undefined;
      const socket = tls().connect({
        ...{ host: remote.address, port: remote.port },
        ...{ localAddress: from.address, localPort: from.port },
        secureContext: fp === undefined ? contexts.believing() : contexts.knowing(),
        rejectUnauthorized: fp === undefined,
        // RFC 6066 3: a name, never an address.
        servername: fp === undefined && isIP(serverName) === 0 ? serverName : '',
        checkServerIdentity: (_host, certificate) => {
          if (fp !== undefined || certifies(certificate, serverName)) return undefined;
          return wrongName(serverName, sipIdentities(certificate));
        },
      });
      return socket.once('secureConnect', () => prove(socket, fp));
    },
    createServer: (accepted, started) => {
      const server = tls().createServer(
        {
          ...{ key: read(options.keyFile, 'tlsKey'), cert: read(options.certificateFile, 'tlsCertificate') },
          ...{ minVersion: OLDEST, handshakeTimeout: options.handshake ?? HANDSHAKE },
        },
        accepted,
      );
      server.on('connection', started);
      server.on('tlsClientError', (_error, socket) => socket.destroy());
      return server;
    },
  };
}

/** Authorities and names were judged in the handshake; a fingerprint is judged here, before anything is said. */
function prove(socket: TLSSocket, fp: string | undefined): void {
  const certificate = fp === undefined ? undefined : socket.getPeerX509Certificate();
  if (fp === undefined || (certificate !== undefined && fingerprintOf(certificate.raw) === fp))
    socket.emit('proved');
  else
    socket.destroy(
      new NetError('WRONG_KEY', 'its certificate is not the one by which this telephone is known'),
    );
}

/** Why TLS cannot be used as configured, for people; undefined: it can. */
export function tlsProblem({ caFile, certificateFile, keyFile }: TlsOptions): string | undefined {
  try {
    if (caFile !== undefined) tls().createSecureContext(authorities(caFile));
    if (certificateFile === undefined && keyFile === undefined) return undefined;
    const pair = { key: read(keyFile, 'tlsKey'), cert: read(certificateFile, 'tlsCertificate') };
    tls().createSecureContext(pair);
    return undefined;
  } catch (error) {
    if (error instanceof NetError) return error.message;
    const why = error instanceof Error ? error.message : String(error);
    return `net.tlsCa, net.tlsCertificate or net.tlsKey is not a usable PEM file (${why})`;
  }
}

function tls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}

function authorities(caFile: string | undefined): { readonly ca?: string[] } {
  const system = systemAuthorities();
  if (system === undefined && caFile === undefined) return {};
  const known = system === undefined ? tls().rootCertificates : [system];
  return { ca: [...known, ...(caFile === undefined ? [] : [read(caFile, 'tlsCa')])] };
}

function systemAuthorities(): string | undefined {
  for (const file of SYSTEM_AUTHORITIES) {
    try {
      if (file !== undefined) return readFileSync(file, 'utf8');
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

/** Throws NetError TLS_SETUP. */
function read(file: string | undefined, key: string): string {
  if (file === undefined) throw new NetError('TLS_SETUP', `net.${key} is missing`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new NetError('TLS_SETUP', `net.${key}: ${file} cannot be read (${systemCode(error)})`);
  }
}

function wrongName(wanted: string, identities: readonly string[]): NetError {
  const named = identities.length === 0 ? 'nobody that SIP knows' : identities.slice(0, 5).join(', ');
  return new NetError('WRONG_NAME', `the server's certificate is for ${named}, not for ${wanted}`);
}
