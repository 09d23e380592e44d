/** Kamailio as registrar and proxy of `pbx.test`, on loopback, with the configuration beside this file. */

import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PeerProcess, until } from '../../support/process.ts';
import { whereIs } from '../../support/programs.ts';

export interface KamailioOptions {
  readonly directory: string;
  readonly port: number;
  readonly algorithm?: 'MD5' | 'SHA-256';
  /** Seconds after which a nonce is stale. */
  readonly nonceExpire?: number;
  /** Also over TLS, on this port. */
  readonly tls?: { readonly port: number; readonly certificateFile: string; readonly keyFile: string };
}

const ADDRESSES = ['127.0.0.1', '[::1]'];

/** Kamailio's TLS is a package of its own: kamailio-tls-modules. */
export function hasTls(): boolean {
  return ['x86_64', 'aarch64'].some((machine) =>
    existsSync(`/usr/lib/${machine}-linux-gnu/kamailio/modules/tls.so`),
  );
}

export async function startKamailio(options: KamailioOptions): Promise<PeerProcess> {
  const { directory, port } = options;
  const listen = ['udp', 'tcp'].flatMap((transport) =>
    ADDRESSES.map((address) => `listen=${transport}:${address}:${port}`),
  );
  const template = readFileSync(new URL('kamailio.cfg', import.meta.url), 'utf8');
  const configuration = template
    .replace('@LISTEN@', listen.join('\n'))
    .replace('@TLS@', tlsLines(options).join('\n'))
    .replace('@ALGORITHM@', options.algorithm ?? 'MD5')
    .replace('@NONCE_EXPIRE@', String(options.nonceExpire ?? 300));
  const file = join(directory, 'kamailio.cfg');
  writeFileSync(file, configuration);
  const kamailio = new PeerProcess(whereIs('kamailio') ?? 'kamailio', [
    ...['-f', file, '-DD', '-E', '-m', '32', '-M', '4'],
    ...['-Y', directory, '-P', join(directory, 'kamailio.pid')],
  ]);
  await until(
    'Kamailio answers',
    () => answersOptions(port),
    8000,
    () => kamailio.output,
  );
  return kamailio;
}

function tlsLines({ tls }: KamailioOptions): readonly string[] {
  if (!tls) return [];
  return [
    'enable_tls=yes',
    ...ADDRESSES.map((address) => `listen=tls:${address}:${tls.port}`),
    'loadmodule "tls.so"',
    'modparam("tls", "tls_method", "TLSv1.2+")',
    `modparam("tls", "certificate", "${tls.certificateFile}")`,
    `modparam("tls", "private_key", "${tls.keyFile}")`,
  ];
}

/** Sends one OPTIONS and waits a moment for any answer. */
async function answersOptions(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const branch = `z9hG4bK${Date.now()}`;
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const local = `127.0.0.1:${socket.address().port}`;
  socket.send(
    [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${local};branch=${branch}`,
      `From: <sip:probe@${local}>;tag=1`,
      `To: <sip:127.0.0.1:${port}>`,
      `Call-ID: ${branch}`,
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
    port,
    '127.0.0.1',
  );
  const answered = await new Promise<boolean>((resolve) => {
    socket.on('message', () => resolve(true)).on('error', () => resolve(false));
    setTimeout(resolve, 150, false);
  });
  socket.close();
  return answered;
}
