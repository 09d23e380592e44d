import test from 'ava';
import fc from 'fast-check';
import {
  authorize,
  type Challenge,
  chooseChallenge,
  digestResponse,
  parseAuthorization,
  parseChallenges,
} from '#sip/authentication/digest.ts';
import { octetText } from '#sip/message/text.ts';
import { isAuthorized } from '../support/authenticator.ts';
import { DIGESTS } from './vectors.ts';

const NO_BODY = new Uint8Array(0);

for (const { id, correct_response, correct_userhash, ...input } of DIGESTS) {
  test(`${id} gives its response`, (t) => {
    t.is(digestResponse({ ...input, username: octetText(input.username), body: NO_BODY }), correct_response);
  });

  test(`${id} is authorized as its request`, (t) => {
    const { realm, nonce, algorithm, method, uri, username, password, cnonce } = input;
    const challenge: Challenge = {
      realm,
      nonce,
      algorithm,
      qop: ['auth'],
      stale: false,
      userhash: correct_userhash !== undefined,
    };
    const authorization = authorize({ challenge, method, uri, username, password, cnonce, nc: 1 });
    const params = parseAuthorization(authorization);
    t.is(params?.get('response'), correct_response);
    t.is(params?.get('nc'), '00000001');
    if (correct_userhash !== undefined) t.is(params?.get('username'), correct_userhash);
    t.true(isAuthorized({ method, authorization }, { username, password }));
    t.false(isAuthorized({ method, authorization }, { username, password: 'wrong' }));
    t.false(isAuthorized({ method: 'BYE', authorization }, { username, password }));
  });
}

test('several challenges are found, in one field or in several', (t) => {
  const challenges = parseChallenges([
    'Digest realm="a, \\"b\\"", nonce="n1", qop="auth,auth-int", algorithm=MD5, stale=TRUE, Digest realm="c" , nonce="n2",algorithm=SHA-256,opaque=""',
    'Basic realm="d"',
    'NewScheme abc=, Digest realm="x"',
    'digest REALM="e",NONCE="n3"',
    'Digest realm="f", nonce="n4", qop="token-binding"',
    'Digest realm=g, nonce=n5/==, domain="sip:a sip:b", qop=auth',
  ]);
  t.deepEqual(challenges, [
    {
      realm: 'a, "b"',
      nonce: 'n1',
      algorithm: 'MD5',
      qop: ['auth', 'auth-int'],
      stale: true,
      userhash: false,
    },
    { realm: 'c', nonce: 'n2', algorithm: 'SHA-256', opaque: '', qop: [], stale: false, userhash: false },
    { realm: 'e', nonce: 'n3', qop: [], stale: false, userhash: false },
    { realm: 'g', nonce: 'n5/==', qop: ['auth'], stale: false, userhash: false },
  ]);
});

const CHOICES: readonly (readonly [offered: readonly (string | undefined)[], chosen: number | undefined])[] =
  [
    [['MD5', 'SHA-256', 'SHA-512-256'], 2],
    [['SHA-256', 'MD5'], 0],
    [['md5', 'sha-256'], 1],
    [['MD5', 'SHA-256-sess'], 1],
    [[undefined], 0],
    [['AKAv1-MD5', undefined], 1],
    [['SHA-1', 'SHA-3'], undefined],
    [[], undefined],
    [['MD5', 'MD5'], 0],
  ];

for (const [offered, chosen] of CHOICES) {
  test(`of ${offered.length === 0 ? 'none' : offered.map((name) => name ?? 'an unnamed one').join(', ')} the strongest known is chosen`, (t) => {
    const challenges = parseChallenges(
      offered.map(
        (algorithm) =>
          `Digest realm="r", nonce="n"${algorithm === undefined ? '' : `, algorithm=${algorithm}`}`,
      ),
    );
    t.is(chooseChallenge(challenges), chosen === undefined ? undefined : challenges[chosen]);
  });
}

test('without qop the credentials have the form of RFC 2617 without cnonce, and MD5 is not named', (t) => {
  const [challenge] = parseChallenges(['Digest realm="testrealm@host.com", nonce="dcd9"']);
  if (challenge === undefined) return t.fail();
  const authorization = authorize({
    challenge,
    method: 'REGISTER',
    uri: 'sip:a',
    username: 'u',
    password: 'p',
    nc: 1,
    cnonce: 'c',
  });
  t.regex(
    authorization,
    /^Digest username="u", realm="testrealm@host\.com", nonce="dcd9", uri="sip:a", response="[0-9a-f]{32}"$/,
  );
});

test('the algorithm is echoed as the server spells it, opaque even when it is empty', (t) => {
  const [challenge] = parseChallenges(['Digest realm="r",nonce="n",opaque="",algorithm=sha-256,qop="AUTH"']);
  if (challenge === undefined) return t.fail();
  const authorization = authorize({
    challenge,
    method: 'INVITE',
    uri: 'sip:a',
    username: 'u',
    password: 'p',
    nc: 0x1f,
    cnonce: 'c',
  });
  t.regex(authorization, /, algorithm=sha-256, cnonce="c", opaque="", qop=auth, nc=0000001f$/);
});

test('auth is preferred to auth-int, which covers the body where it is alone', (t) => {
  const both = parseChallenges(['Digest realm="r",nonce="n",qop="auth-int, auth"'])[0];
  const alone = parseChallenges(['Digest realm="r",nonce="n",qop="auth-int"'])[0];
  if (both === undefined || alone === undefined) return t.fail();
  const common = {
    method: 'INVITE',
    uri: 'sip:a',
    username: 'u',
    password: 'p',
    nc: 1,
    cnonce: 'c',
    body: Buffer.from('v=0'),
  };
  t.regex(authorize({ ...common, challenge: both }), /qop=auth,/);
  const authorization = authorize({ ...common, challenge: alone });
  t.true(isAuthorized({ method: 'INVITE', authorization, body: Buffer.from('v=0') }, common));
  t.false(isAuthorized({ method: 'INVITE', authorization, body: Buffer.from('v=1') }, common));
});

test('whatever the names, the server recognises the account', (t) => {
  const people = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .filter((text) => !/[\r\n\0]/.test(text) && text.isWellFormed());
  const octets = people.map(octetText);
  const algorithm = fc.constantFrom(
    undefined,
    'MD5',
    'MD5-sess',
    'SHA-256',
    'sha-256-SESS',
    'SHA-512-256',
    'SHA-512-256-sess',
  );
  const qop = fc.constantFrom([], ['auth'] as const, ['auth-int'] as const, ['auth', 'auth-int'] as const);
  t.notThrows(() =>
    fc.assert(
      fc.property(
        people,
        people,
        octets,
        octets,
        algorithm,
        qop,
        fc.boolean(),
        (username, password, realm, nonce, name, offered, userhash) => {
          const challenge: Challenge = {
            realm,
            nonce,
            ...(name === undefined ? {} : { algorithm: name }),
            qop: offered,
            stale: false,
            userhash,
          };
          const authorization = authorize({
            challenge,
            method: 'INVITE',
            uri: 'sip:bob@example.com',
            username,
            password,
            nc: 2,
            cnonce: 'f2/wE4q7',
          });
          return (
            isAuthorized({ method: 'INVITE', authorization }, { username, password }) &&
            !isAuthorized({ method: 'INVITE', authorization }, { username, password: `${password}x` })
          );
        },
      ),
    ),
  );
});

test('other schemes and broken text are no Digest credentials', (t) => {
  for (const text of [
    '',
    'Basic QWxhZGRpbjo=',
    'Digest',
    'NoOneKnowsThisScheme opaque-data=here',
    'username="x"',
    ',,,',
  ]) {
    t.is(parseAuthorization(text)?.get('username'), undefined);
  }
});
