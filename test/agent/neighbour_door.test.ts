/** What neighbours are told of TLS: the configured certificate, else one of our own, else nothing. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { openNeighbourDoor } from '#agent/neighbour_door.ts';
import { fingerprintOf } from '#net/tls.ts';
import { checkConfig } from '#provisioning/read.ts';
import { Authority } from '../net/certificates.ts';

const authority = new Authority();
test.after.always(() => authority.remove());
const { certificateFile, keyFile } = authority.issue({ names: null });
const FP = fingerprintOf(new X509Certificate(readFileSync(certificateFile)).raw);

interface Situation {
  readonly raw?: object;
  readonly own?: () => Promise<string | undefined>;
  /** Where TLS listens by configuration. */
  readonly tlsPort?: number;
  readonly open?: () => Promise<number | undefined>;
}

async function door({ raw = {}, own, tlsPort, open = async () => 5071 }: Situation) {
  const result = checkConfig(raw);
  if ('error' in result) throw new Error(result.error);
  const did: string[] = [];
  const openToNeighbours = (file: string, port: number) => {
    did.push(`open ${file === certificateFile ? 'own' : file} ${port}`);
    return open();
  };
  const ownCertificate = own && (() => own().finally(() => did.push('own')));
  const log = (level: string, text: string) => did.push(`${level} ${text}`);
  const told = await openNeighbourDoor(
    { config: result.config, log, ...(ownCertificate && { ownCertificate }) },
    { tlsPort, openToNeighbours },
  );
  return { told, did };
}

const own = async () => certificateFile;

test('without a configuration neighbours know us by a certificate of our own, at the port where it is heard', async (t) => {
  t.deepEqual(await door({ own }), { told: { fp: FP, tls: 5071 }, did: ['own', 'open own 5061'] });
});

test('a configured one is the one, and none of our own is made', async (t) => {
  const raw = { net: { tlsCertificate: certificateFile, tlsKey: keyFile } };
  t.deepEqual(await door({ raw, own, tlsPort: 5061 }), { told: { fp: FP, tls: 5061 }, did: [] });
});

test('with neighbours off nothing is made, and nothing listens', async (t) => {
  t.deepEqual(await door({ raw: { neighbours: { mode: 'off' } }, own }), { told: {}, did: [] });
});

test('where there can be no certificate neighbours are told of none, and nothing listens', async (t) => {
  t.deepEqual(await door({ own: async () => undefined }), { told: {}, did: ['own'] });
  t.deepEqual(await door({}), { told: {}, did: [] });
});

test('who cannot be called over TLS shows no key either', async (t) => {
  const open = async () => {
    throw new Error('EMFILE');
  };
  const { told, did } = await door({ own, open });
  t.deepEqual(told, {});
  t.is(did.at(-1), 'warn neighbours cannot call over TLS: EMFILE');
  t.deepEqual((await door({ own, open: async () => undefined })).told, {});
});
