import test from 'ava';
import fc from 'fast-check';
import { certifies, sipIdentities } from '#net/certificate_name.ts';

const NAMES: readonly (readonly [subjectaltname: string, identities: readonly string[]])[] = [
  ['DNS:a.example, DNS:B.Example', ['a.example', 'b.example']],
  ['DNS:a.example, URI:sip:b.example', ['b.example']],
  ['URI:SIP:b.example:5061;transport=tls', ['b.example']],
  ['URI:sip:[2001:DB8::1]', ['2001:db8::1']],
  ['URI:sips:b.example, DNS:a.example', ['a.example']],
  ['URI:sip:alice@b.example, DNS:a.example', ['a.example']],
  ['URI:sip:b.example?a@b, DNS:a.example', ['a.example']],
  ['IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1', ['192.0.2.1', '2001:db8::1']],
  ['DNS:192.0.2.1', []],
  ['email:a@b.example, othername:<unsupported>, DirName:CN=x', []],
  // How node:tls writes a name with a comma in it, that it be not taken for two.
  ['DNS:"a.example, DNS:b.example"', ['a.example, dns:b.example']],
  ['URI:"sip:x.example\\u002c DNS:b.example", DNS:c.example', ['c.example']],
];

for (const [subjectaltname, identities] of NAMES) {
  test(`${subjectaltname} names ${identities.join(' and ') || 'nobody'}`, (t) => {
    t.deepEqual(sipIdentities({ subjectaltname, subject: { CN: 'cn.example' } }), identities);
  });
}

test('a common name is no address', (t) => {
  t.deepEqual(sipIdentities({ subject: { CN: ['192.0.2.1', 'A.example'] } }), ['a.example']);
  t.deepEqual(sipIdentities({}), []);
});

test('names match as a whole, whatever their case and a dot at their end', (t) => {
  const certificate = { subjectaltname: 'DNS:a.example' };
  t.true(certifies(certificate, 'A.EXAMPLE.'));
  for (const name of ['example', 'b.a.example', '.a.example', '*.example', ''])
    t.false(certifies(certificate, name));
});

test('no value of one type smuggles in another', (t) => {
  const hostile = fc.string().map((value) => `email:${JSON.stringify(value)}`);
  fc.assert(fc.property(hostile, (subjectaltname) => sipIdentities({ subjectaltname }).length === 0));
  fc.assert(fc.property(fc.string(), (subjectaltname) => Array.isArray(sipIdentities({ subjectaltname }))));
  t.pass();
});
