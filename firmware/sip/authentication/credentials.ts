/** An account's password at work: which challenges are open, and how often each nonce was used (RFC 3261 22). */

import type { SipMessage } from '../message/message.ts';
import { octetText } from '../message/text.ts';
import type { HeaderLine } from '../message/write.ts';
import type { Account } from '../types.ts';
import { authorize, type Challenge, chooseChallenge, parseChallenges } from './digest.ts';

/** Who asks, and in which header field the answer stands (22.2, 22.3). */
const ASKERS = [
  { asks: 'www-authenticate', answers: 'Authorization' },
  { asks: 'proxy-authenticate', answers: 'Proxy-Authorization' },
] as const;

interface Open {
  readonly answers: (typeof ASKERS)[number]['answers'];
  readonly challenge: Challenge;
  nc: number;
}

/** Realms remembered at once: an account has one or two, whoever names more is playing. */
const MOST_REALMS = 4;

export class Credentials {
  readonly #account: Account;
  readonly #random: () => string;
  /** By field and realm. */
  readonly #open = new Map<string, Open>();

  constructor(account: Account, random: () => string) {
    this.#account = account;
    this.#random = random;
  }

  /**
   * Takes the challenges of a 401 or 407. False: asking again is of no use, since one of them was answered before
   * (`answered`, of this request) and is not stale, or none can be answered.
   */
  take(response: SipMessage, answered: Set<string>): boolean {
    let taken = false;
    for (const { asks, answers } of ASKERS) {
      for (const challenge of strongestByRealm(response.fields(asks))) {
        const key = `${answers} ${challenge.realm}`;
        if (answered.has(key) && !challenge.stale) return false;
        answered.add(key);
        this.#remember(key, { answers, challenge, nc: 0 });
        taken = true;
      }
    }
    return taken;
  }

  /** Header lines for a request, known challenges answered before anybody asks again. */
  authorize(method: string, uri: string, body: string | undefined): readonly HeaderLine[] {
    const lines: HeaderLine[] = [];
    for (const open of this.#open.values()) {
      open.nc += 1;
      const value = authorize({
        challenge: open.challenge,
        method,
        uri: octetText(uri),
        username: this.#account.authUser,
        password: this.#account.password,
        nc: open.nc,
        cnonce: this.#random(),
        ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
      });
      lines.push([open.answers, value]);
    }
    return lines;
  }

  #remember(key: string, open: Open): void {
    this.#open.delete(key);
    this.#open.set(key, open);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_REALMS && oldest !== undefined) this.#open.delete(oldest);
  }
}

function strongestByRealm(fields: readonly string[]): readonly Challenge[] {
  const challenges = parseChallenges(fields);
  const realms = new Set(challenges.map(({ realm }) => realm));
  return [...realms].flatMap(
    (realm) => chooseChallenge(challenges.filter((one) => one.realm === realm)) ?? [],
  );
}
