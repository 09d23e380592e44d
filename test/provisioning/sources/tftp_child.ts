/**
 * Fetches by TFTP in the namespace that it runs in, one URL after the other, and prints what came of each, a line of JSON.
 * A URL twice is asked for the second time with what was learnt at the first.
 *
 *     node tftp_child.ts URL…
 */
import { createHash } from 'node:crypto';
import type { Validators } from '#provisioning/fetch/attempt.ts';
import { fetchByTftp } from '#provisioning/sources/tftp_fetch.ts';

const known = new Map<string, Validators>();
for (const url of process.argv.slice(2)) {
  const began = performance.now();
  const fetched = await fetchByTftp(
    { url, validators: known.get(url) },
    {
      allowHttp: false,
      onLink: () => true,
      patience: 20_000,
      resolve: async () => ['2001:db8:9::66', '10.9.0.1'],
    },
  );
  if (fetched.kind === 'content') known.set(url, { ...(fetched.etag && { etag: fetched.etag }) });
  const { octets, ...rest } = fetched.kind === 'content' ? fetched : { ...fetched, octets: undefined };
  const hash = octets && createHash('sha256').update(octets).digest('hex');
  console.log(JSON.stringify({ ...rest, hash, ms: Math.round(performance.now() - began) }));
}
