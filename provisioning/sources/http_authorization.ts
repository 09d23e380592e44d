/** Answers to 401 (RFC 9110 11): Digest (RFC 7616) before Basic (RFC 7617). Some servers know only the one, some only the other. */
import { authorize, chooseChallenge, parseChallenges } from '#sip/authentication/digest.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Asked {
  readonly login: Login;
  /** Path and query. */
  readonly uri: string;
  /** Random text. */
  readonly cnonce: string;
  /** An answer was given before: only a stale nonce is a reason to try again. */
  readonly again: boolean;
  /** Basic shows the password to whoever listens. */
  readonly mayBasic: boolean;
}

/** The Authorization field; undefined: there is no answer that may be given. */
export function answerTo(
  challenges: readonly string[],
  { login, uri, cnonce, again, mayBasic }: Asked,
): string | undefined {
  const { user: username, password } = login;
  const challenge = chooseChallenge(parseChallenges(challenges));
  if (challenge !== undefined) {
    if (again && !challenge.stale) return undefined;
    return authorize({ challenge, method: 'GET', uri, username, password, nc: 1, cnonce });
  }
  const asksBasic = challenges.some((value) => /(?:^|,)\s*basic(?:\s|$)/i.test(value));
  if (!asksBasic || again || !mayBasic) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
