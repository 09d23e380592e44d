/**
 * The owner's password: what it has to be, and how it is kept. scrypt (RFC 7914) with the least memory of those that
 * OWASP's password storage cheat sheet lists as equal; one at a time, for this machine has other things to do.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Characters. Length rather than rules (NIST SP 800-63B 5.1.1.2); lockout.ts sees to it that few can be tried. */
export const LEAST_LENGTH = 12;
const MOST_LENGTH = 256;
/** 16 MiB, a tenth of a second on a PC, about a second on the smallest boards. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;

/** What is wrong with a new password, for its owner; undefined: nothing. */
export function weaknessOf(password: string): string | undefined {
  const letters = Array.from(password);
  if (letters.length < LEAST_LENGTH) return `The password needs at least ${LEAST_LENGTH} characters.`;
  if (letters.length > MOST_LENGTH) return `The password may have at most ${MOST_LENGTH} characters.`;
  if (new Set(letters.map((letter) => letter.toLowerCase())).size < 5) {
    return 'The password repeats the same few characters; use at least five different ones.';
  }
  return isRun(letters) ? 'The password is a row of neighbouring characters.' : undefined;
}

/** `123456789012`, `abcdefghijkl`. */
function isRun(letters: readonly string[]): boolean {
  const steps = letters.slice(1).map((letter, i) => {
    const step = (letter.codePointAt(0) ?? 0) - (letters[i]?.codePointAt(0) ?? 0);
    // 9 is followed by 0, and 0 by 9.
    return Math.abs(step) === 9 ? -Math.sign(step) : step;
  });
  return steps.every((step) => step === 1) || steps.every((step) => step === -1);
}

/** `scrypt$N$r$p$salt$hash`, base64url. */
export async function hashOf(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Never rejects for what is kept: what cannot be read fits no password. */
export async function fits(password: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', hash = ''] = kept.split('$');
  const wanted = Buffer.from(hash, 'base64url');
  const isOurs = scheme === 'scrypt' && Number(N) === COST.N && Number(r) === COST.r && Number(p) === COST.p;
  // As long as the right one takes.
  const found = await derive(password, Buffer.from(salt, 'base64url'), COST);
  return isOurs && wanted.length === HASH_OCTETS && timingSafeEqual(found, wanted);
}

let last: Promise<unknown> = Promise.resolve();

function derive(password: string, salt: Uint8Array, cost: typeof COST): Promise<Buffer> {
  const next = last.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        // Typed on another keyboard, an ü may be two code points.
        scrypt(password.normalize('NFC'), salt, HASH_OCTETS, { ...cost, maxmem: 2 ** 26 }, (error, hash) =>
          error === null ? resolve(hash) : reject(error),
        );
      }),
  );
  last = next.catch(() => undefined);
  return next;
}
