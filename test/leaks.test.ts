/** Whether `npm test` would find a secret in what the firmware says. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { formsOf, leaksIn, OUTPUTS, readOutputs, type Said } from '../tools/leaks.ts';

const SECRET = { secret: 'p4ss <w&rd> "x"', user: 'alice' };
const said = (text: string): Said => ({ what: 'the log', text });

for (const [form, written] of formsOf(SECRET)) {
  test(`a secret ${form} is found wherever it stands`, (t) => {
    for (const text of [written, `before ${written} behind`, `"${written}"`])
      t.is(leaksIn([SECRET], [said('nothing'), said(text)]).length, 1, text);
  });
}

const hashed = (hash: string, text: string) => createHash(hash).update(text).digest('hex');
for (const [what, text] of [
  ['HA1 by MD5', hashed('md5', `alice:pbx.test:${SECRET.secret}`)],
  ['HA1 by SHA-256', hashed('sha256', `alice:pbx.test:${SECRET.secret}`)],
  ['HA1 by SHA-512/256', hashed('sha512-256', `alice:pbx.test:${SECRET.secret}`).toUpperCase()],
  ['a hash of the secret alone', hashed('sha1', SECRET.secret)],
  ['a response that was not masked', `response="${hashed('md5', 'x')}"`],
  ['the same in JSON', JSON.stringify(`response="${hashed('md5', 'x')}"`)],
] as const) {
  test(`${what} is found`, (t) => {
    const challenge = said('WWW-Authenticate: Digest realm="pbx.test", nonce="1"');
    const [leak, ...more] = leaksIn([SECRET], [challenge, said(`x ${text} y`)]);
    t.is(leak?.what, 'the log');
    t.deepEqual(more, []);
  });
}

test('what is harmless is no leak, nor is a secret that is an everyday word', (t) => {
  const texts = [
    'password: ********',
    'response="***"',
    'Digest realm="pbx.test"',
    hashed('md5', 'another'),
    'p4ss',
  ];
  t.deepEqual(leaksIn([SECRET, { secret: 'plain', user: '' }], [...texts, 'a plain text'].map(said)), []);
});

const SCRIPT = `
import { said, secretsIn } from './test/support/secrets.ts';
secretsIn({ accounts: [{ user: 'a', authUser: 'b', password: 's3cret-of-b' }], metrics: { token: 't0ken-x' },
  provisioning: { url: 'https://u:p4ssw0rd@server.test/' } });
said('one', 'it is s3cret-of-b');
said('other', Buffer.from('b:s3cret-of-b').toString('base64') + ' ' + Buffer.from('u:p4ssw0rd').toString('base64'));
`;

test('what tests register and hear is what is looked at', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'dualtone-outputs-'));
  execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    env: { ...process.env, [OUTPUTS]: directory },
  });
  t.is(readdirSync(directory).length, 2);
  const { secrets, said: heard } = readOutputs(directory);
  t.deepEqual(secrets.map(({ secret, user }) => `${user}:${secret}`).sort(), [
    ':t0ken-x',
    'b:s3cret-of-b',
    'u:p4ssw0rd',
  ]);
  t.deepEqual(
    leaksIn(secrets, heard).map(({ what, form }) => `${what} ${form}`),
    ['one as it is', 'other as Basic credentials', 'other as Basic credentials'],
  );
});
