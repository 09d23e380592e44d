/** The server's side of digest authentication (RFC 7616 3.4), for registrars and callees in tests. */
import { digestResponse, parseAuthorization } from '#sip/authentication/digest.ts';
import { octetText, plainText } from '#sip/message/text.ts';

export interface Attempt {
  readonly method: string;
  /** Value of Authorization or Proxy-Authorization. */
  readonly authorization: string;
  readonly body?: Uint8Array;
}

/** Whether the credentials prove that the peer knows the password (all UTF-8) and asks for this request. */
export function isAuthorized(attempt: Attempt, account: { username: string; password: string }): boolean {
  const params = parseAuthorization(attempt.authorization);
  if (params === undefined) return false;
  const written = (name: string) => params.get(name) ?? '';
  const qop = written('qop').toLowerCase();
  const expected = digestResponse({
    algorithm: params.get('algorithm'),
    username: octetText(account.username),
    realm: written('realm'),
    password: octetText(account.password),
    method: attempt.method,
    uri: written('uri'),
    nonce: written('nonce'),
    qop: qop === 'auth' || qop === 'auth-int' ? qop : undefined,
    nc: written('nc'),
    cnonce: written('cnonce'),
    body: attempt.body ?? new Uint8Array(0),
  });
  const named = params.get('userhash') === 'true' || plainText(written('username')) === account.username;
  return named && written('response') === expected;
}
