import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { Question } from '#provisioning/fetch/types.ts';
import { type Fetched, type FetchOptions, fetchFile } from '#provisioning/sources/https_fetch.ts';
import { IDENTITY } from '../identity_here.ts';

/** Believes no authority but those in `more`. */
export function options(more: Partial<FetchOptions> = {}): FetchOptions {
  return {
    identity: IDENTITY,
    allowHttp: false,
    clock: () => 'known',
    authorities: [],
    random: () => 'c0ffee',
    patience: 5_000,
    ...more,
  };
}

export function fetchIt(
  url: string,
  question: Partial<Question> = {},
  more: Partial<FetchOptions> = {},
): Promise<Fetched> {
  const empty = { validators: undefined, login: undefined, domain: undefined, pin: undefined };
  return fetchFile({ url, ...empty, firstUse: false, common: [], ...question }, options(more));
}

export const textOf = (fetched: Fetched) =>
  fetched.kind === 'content' ? Buffer.from(fetched.octets).toString() : JSON.stringify(fetched);
export const errorOf = (fetched: Fetched) =>
  fetched.kind === 'failed' && 'error' in fetched.failure ? fetched.failure.error : JSON.stringify(fetched);

export const login = { user: 'me', password: 's3cret' };

/** A server of the test's own, on a free port. */
export async function little(t: ExecutionContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
