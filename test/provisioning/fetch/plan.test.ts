import test from 'ava';
import fc from 'fast-check';
import { planOf } from '#provisioning/fetch/plan.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import type { FileFormat } from '#provisioning/types.ts';
import { IDENTITY } from '../identity_here.ts';

function plan(url: string, compat: readonly FileFormat[] = []) {
  return planOf({ url }, { identity: IDENTITY, compat });
}
const urls = (...args: Parameters<typeof plan>) =>
  plan(...args)?.groups.map((group) => group.map(({ url }) => url));

test('below a base our own file is asked for', (t) => {
  t.deepEqual(urls('https://pbx.example/prov/'), [['https://pbx.example/prov/dca632010203.json']]);
  t.deepEqual(urls('https://pbx.example'), [['https://pbx.example/dca632010203.json']]);
  t.deepEqual(plan('https://pbx.example')?.groups[0]?.[0], {
    url: 'https://pbx.example/dca632010203.json',
    layer: 'server device',
    stops: true,
    quiet: true,
  });
});

test('with makers to be compatible with, their files come behind it', (t) => {
  t.deepEqual(urls('https://pbx.example/', ['yealink', 'snom']), [
    ['https://pbx.example/dca632010203.json'],
    ['dca632010203.boot', 'y000000000000.boot', 'dca632010203.cfg'].map(
      (name) => `https://pbx.example/${name}`,
    ),
    ['https://pbx.example/DCA632010203.xml'],
  ]);
});

test('a file name, a query or a macro means exactly that, and makers change nothing', (t) => {
  const exact = (url: string) => plan(url, ['yealink'])?.groups;
  const common = { layer: 'server common', stops: true, quiet: false };
  const device = { ...common, layer: 'server device' };
  t.deepEqual(exact('http://h/all.cfg'), [[{ url: 'http://h/all.cfg', ...common }]]);
  t.deepEqual(exact('http://h/?all'), [[{ url: 'http://h/?all', ...common }]]);
  t.deepEqual(exact('http://h/$mac.cfg'), [[{ url: 'http://h/dca632010203.cfg', ...device }]]);
  t.deepEqual(exact('http://h/{mac}/'), [[{ url: 'http://h/dca632010203/', ...device }]]);
});

test('a host alone is asked securely first', (t) => {
  t.deepEqual(urls('pbx.example'), [
    ['https://pbx.example/dca632010203.json'],
    ['http://pbx.example/dca632010203.json'],
  ]);
});

/** The device of RFC 6011 2.3.3. */
const HYPOCOMM: DeviceIdentity = {
  ...{ mac: '001122334455', model: 'HypoComm', version: '2.1', vendor: 'examplecorp.com' },
  ...{ board: 'board', machine: 'machine' },
};

test("RFC 6011's example gets its query, and the user if there is one", (t) => {
  const asked = (url: string, user?: string) =>
    planOf(
      { url, domain: 'example.net' },
      { identity: HYPOCOMM, compat: ['snom'], ...(user === undefined ? {} : { user }) },
    )?.groups.map((group) => group.map((file) => file.url));
  const query = 'sfua-id=urn:uuid:00000000-0000-1000-8000-001122334455';
  const rest = '&sfua-vendor=examplecorp.com&sfua-model=HypoComm&sfua-revision=2.1';
  t.deepEqual(asked('https://p1.example.net/cfg'), [[`https://p1.example.net/cfg?${query}${rest}`]]);
  t.deepEqual(asked('https://p1.example.net/cfg?a=b#f', 'al ice@x'), [
    [`https://p1.example.net/cfg?a=b&${query}&sfua-user=al%20ice@x${rest}`],
  ]);
});

test('user and password stand apart from the URLs', (t) => {
  const made = plan('https://al%40ice:s%3Acret@pbx.example/x#part');
  t.deepEqual(made?.login, { user: 'al@ice', password: 's:cret' });
  t.deepEqual(
    made?.groups.flat().map(({ url }) => url),
    ['https://pbx.example/x'],
  );
});

for (const url of ['', 'ftp://h/', 'javascript:alert(1)', 'http://', 'https://[::1/', 'file:///etc/passwd']) {
  test(`"${url}" is nothing to fetch from`, (t) => {
    t.is(plan(url), undefined);
  });
}

test('IPv6 addresses stay in their brackets', (t) => {
  t.deepEqual(urls('http://[2001:db8::1]:8080/'), [['http://[2001:db8::1]:8080/dca632010203.json']]);
});

test('nothing that a server says in a URL throws', (t) => {
  const words = fc.array(
    fc.constantFrom(
      'http',
      's',
      '://',
      '/',
      '{mac}',
      '$MA',
      '@',
      ':',
      '%',
      '%zz',
      '[',
      ']',
      '?',
      '#',
      ' ',
      'h',
      '\0',
      'é',
    ),
  );
  fc.assert(
    fc.property(words, fc.constantFrom({}, { domain: 'h' }), (parts, more) => {
      const compat = ['yealink', 'snom', 'grandstream'] as const;
      const made = planOf({ url: parts.join(''), ...more }, { identity: IDENTITY, compat });
      return made === undefined || made.groups.flat().every(({ url }) => URL.canParse(url));
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});
