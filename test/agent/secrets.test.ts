import test from 'ava';
import fc from 'fast-check';
import { withoutSecrets } from '#agent/secrets.ts';

const REGISTER = [
  'REGISTER sip:example.test SIP/2.0',
  'From: <sip:alice@example.test>;tag=1',
  'Authorization: Digest username="alice", realm="example.test", nonce="n0nce", uri="sip:example.test",',
  '  response="5e7a", cnonce="c0ffee", nc=00000001, qop=auth',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

test('the digest loses what a password could be guessed from, and keeps what helps to find a fault', (t) => {
  const seen = withoutSecrets(REGISTER);
  for (const secret of ['5e7a', 'c0ffee']) t.false(seen.includes(secret), seen);
  for (const kept of ['realm="example.test"', 'nonce="n0nce"', 'username="alice"', 'qop=auth', 'tag=1']) {
    t.true(seen.includes(kept), seen);
  }
});

const HIDDEN: readonly (readonly [line: string, secret: string])[] = [
  ['Proxy-Authorization: Digest username="a", response="s3cret"', 's3cret'],
  ['authorization :Digest RESPONSE = s3cret,realm="x"', 's3cret'],
  ['Authorization: Digest response="s3cret', 's3cret'],
  ['Authorization: Digest response="\\"s3cret", realm="x"', 's3cret'],
  ['Authorization:\r\n Digest\r\n\tresponse="s3cret"', 's3cret'],
  ['Authorization: Basic YWxpY2U6czNjcmV0', 'YWxpY2U6czNjcmV0'],
  ['Authorization: Digest unheard-of="s3cret"', 's3cret'],
  ['Authentication-Info: rspauth="s3cret", qop=auth', 's3cret'],
  ['Contact: <sip:alice:s3cret@192.0.2.1>', 's3cret'],
  ['To: "x" <sips:alice:s3:cret@192.0.2.1>;tag=1', 's3:cret'],
  ['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:s3cret|2^20|1:32', 's3cret'],
  ['k=clear:s3cret', 's3cret'],
];

for (const [line, secret] of HIDDEN) {
  test(`${JSON.stringify(line)} hides its secret`, (t) => {
    const seen = withoutSecrets(`OPTIONS sip:x SIP/2.0\r\n${line}\r\n\r\n`);
    t.false(seen.includes(secret), seen);
    t.true(seen.startsWith('OPTIONS sip:x SIP/2.0\r\n'));
  });
}

test('a message without secrets stays as it is', (t) => {
  const text =
    'INVITE sip:bob@[2001:db8::1]:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n\r\nv=0\r\n';
  t.is(withoutSecrets(text), text);
});

test('octets of any kind neither throw nor take long', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (noise) => {
      withoutSecrets(`Authorization: Digest ${noise}\r\n`);
    }),
    { numRuns: 300 },
  );
  const began = performance.now();
  for (const filling of ['a', '"', '\\', 'a=', 'sip:', ' \r\n ', 'a=crypto:']) {
    withoutSecrets(`Authorization: Digest ${filling.repeat(65_536 / filling.length)}`);
  }
  t.true(performance.now() - began < 1_000);
});
