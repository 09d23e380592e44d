/** Kamailio as `pbx.test` with passwords, on the box of a home, by the configuration of the interop tests. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PeerProcess, until } from '../../support/process.ts';
import { bracketed, familyOf } from '../addressing.ts';
import type { Home } from '../home.ts';

const TEMPLATE = new URL('../../interop/peers/kamailio.cfg', import.meta.url);
export const DOMAIN = 'pbx.test';
export const PASSWORD = 's3cret';

/** Lines for `Lab.dns`. */
export function registrarRecords(home: Home): readonly string[] {
  return home.addresses.map(
    (address) => `${DOMAIN}. 60 IN ${familyOf(address) === 6 ? 'AAAA' : 'A'} ${address}`,
  );
}

export async function startRegistrar(home: Home): Promise<PeerProcess> {
  const directory = home.path('registrar');
  mkdirSync(directory, { recursive: true });
  const listen = home.addresses.flatMap((address) =>
    ['udp', 'tcp'].map((transport) => `listen=${transport}:${bracketed(address)}:5060`),
  );
  const configuration = readFileSync(TEMPLATE, 'utf8')
    .replace('@LISTEN@', listen.join('\n'))
    .replace('@TLS@', '')
    .replace('@ALGORITHM@', 'MD5')
    .replace('@NONCE_EXPIRE@', '300');
  const file = join(directory, 'kamailio.cfg');
  writeFileSync(file, configuration);
  const kamailio = home.run('kamailio', [
    ...['-f', file, '-DD', '-E', '-m', '32', '-M', '4'],
    ...['-Y', directory, '-P', join(directory, 'kamailio.pid')],
  ]);
  const listening = async () => {
    const look = home.run('ss', ['-Hlntu', 'sport = :5060']);
    await look.exit(5000);
    return look.output.trim().split('\n').filter(Boolean).length >= listen.length;
  };
  await until('Kamailio listens', listening, 10_000, () => kamailio.output);
  return kamailio;
}
