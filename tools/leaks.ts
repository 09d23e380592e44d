/**
 * Looks for secrets in what the firmware said. The tests register the secrets that they use and append what they hear
 * (test/support/secrets.ts); here every form is looked for in which a secret can be found again or be guessed at leisure.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The variable that names the directory where tests leave both. */
export const OUTPUTS = 'DUALTONE_TEST_OUTPUTS';
/** Ends of file names in it: lines of JSON. */
export const SECRETS = '.secrets';
export const SAID = '.said';

export interface Secret {
  readonly secret: string;
  readonly user: string;
}

export interface Said {
  /** Who said it. */
  readonly what: string;
  readonly text: string;
}

export interface Leak {
  readonly what: string;
  readonly form: string;
  readonly secret: string;
  /** Some text around it. */
  readonly around: string;
}

const HASHES = ['md5', 'sha1', 'sha256', 'sha512-256'] as const;
const AROUND = 60;
/** A digest that was not masked: whoever reads it can try passwords. */
const RESPONSE = /\bresponse=\\?"?[\da-f]{32}/i;
const HEX = /(?<![\da-f])(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64})(?![\da-f])/gi;
const REALM = /\brealm=\\?"([^"\\]{1,100})/g;

/** A word of everyday life says nothing when it is found; such secrets are told by nobody. */
export function isTelling({ secret }: Secret): boolean {
  return secret.length >= 6 && /[a-z]/i.test(secret) && /[^a-z]/i.test(secret);
}

/** Forms of a secret that stand for themselves, by name. */
export function formsOf({ secret, user }: Secret): ReadonlyMap<string, string> {
  const basic = Buffer.from(`${user}:${secret}`).toString('base64');
  const octets = Buffer.from(secret);
  return new Map([
    ['as it is', secret],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
    ['in a URI', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['in XML', secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in base64', octets.toString('base64').replace(/=+$/, '')],
    ['in base64url', octets.toString('base64url')],
    ['as Basic credentials', basic.replace(/=+$/, '')],
    ['in hexadecimal', octets.toString('hex')],
  ]);
}

/** Hashes without anything that nobody knows, by name: HA1 of RFC 7616 for each realm, and of the secret alone. */
export function hashesOf({ secret, user }: Secret, realms: Iterable<string>): ReadonlyMap<string, string> {
  const texts = [
    ['alone', secret],
    ...[...realms].map((realm) => [`as HA1 of ${realm}`, `${user}:${realm}:${secret}`]),
  ];
  return new Map(
    texts.flatMap(([name, text = '']) =>
      HASHES.map((hash): [string, string] => [
        createHash(hash).update(text).digest('hex'),
        `${hash} ${name}`,
      ]),
    ),
  );
}

export function leaksIn(secrets: readonly Secret[], outputs: readonly Said[]): readonly Leak[] {
  const telling = secrets.filter(isTelling);
  const realms = new Set(
    outputs.flatMap(({ text }) => [...text.matchAll(REALM)].map(([, realm = '']) => realm)),
  );
  const hashes = telling.map((each) => [each, hashesOf(each, realms)] as const);
  const forms = telling.map((each) => [each, formsOf(each)] as const);
  return outputs.flatMap((output) => [
    ...plainLeaks(output, forms),
    ...hashedLeaks(output, hashes),
    ...digestLeaks(output),
  ]);
}

type Forms = readonly (readonly [Secret, ReadonlyMap<string, string>])[];

function plainLeaks({ what, text }: Said, forms: Forms): readonly Leak[] {
  return forms.flatMap(([{ secret }, all]) =>
    [...all]
      .flatMap(([form, written]) => {
        const at = text.indexOf(written);
        return at < 0 ? [] : [{ what, form, secret, around: around(text, at, written.length) }];
      })
      .slice(0, 1),
  );
}

function hashedLeaks({ what, text }: Said, hashes: Forms): readonly Leak[] {
  return [...text.matchAll(HEX)].flatMap(({ 0: found, index }) =>
    hashes.flatMap(([{ secret }, all]) => {
      const form = all.get(found.toLowerCase());
      return form === undefined ? [] : [{ what, form, secret, around: around(text, index, found.length) }];
    }),
  );
}

function digestLeaks({ what, text }: Said): readonly Leak[] {
  const found = RESPONSE.exec(text);
  if (found === null) return [];
  return [{ what, form: 'a digest to guess by', secret: '?', around: around(text, found.index, 45) }];
}

function around(text: string, at: number, length: number): string {
  return text.slice(Math.max(0, at - AROUND), at + length + AROUND).replaceAll(/\s+/g, ' ');
}

/** Everything that the tests left in `directory`. */
export function readOutputs(directory: string): {
  readonly secrets: readonly Secret[];
  readonly said: readonly Said[];
} {
  const lines = <T>(ending: string): T[] =>
    readdirSync(directory)
      .filter((name) => name.endsWith(ending))
      .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').filter(Boolean))
      .map((line) => JSON.parse(line) as T);
  const secrets = new Map(lines<Secret>(SECRETS).map((each) => [JSON.stringify(each), each]));
  return { secrets: [...secrets.values()], said: lines<Said>(SAID) };
}
