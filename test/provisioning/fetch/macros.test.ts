import test from 'ava';
import fc from 'fast-check';
import { expandMacros, hasMacro } from '#provisioning/fetch/macros.ts';
import { IDENTITY } from '../identity_here.ts';

for (const [url, expanded] of [
  ['http://h/{mac}.cfg', 'http://h/dca632010203.cfg'],
  ['http://h/{MAC}.xml', 'http://h/DCA632010203.xml'],
  ['http://h/$mac.cfg', 'http://h/dca632010203.cfg'],
  ['http://h/?mac=$MA&x=$MAU', 'http://h/?mac=dca632010203&x=DCA632010203'],
  ['http://h/$MAC.xml', 'http://h/dc%3Aa6%3A32%3A01%3A02%3A03.xml'],
  ['http://h/spa$PSN.cfg', 'http://h/spaPi-Desk.cfg'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a macro
  ['http://h/$(MA)x/${MAU}', 'http://h/dca632010203x/DCA632010203'],
  ['http://h/{model}/{version}', 'http://h/Pi-Desk/1.0.0'],
  ['http://h/{uuid}', 'http://h/00000000-0000-1000-8000-dca632010203'],
] as const) {
  test(`${url} becomes ${expanded}`, (t) => {
    t.is(expandMacros(url, IDENTITY), expanded);
    t.true(hasMacro(url));
  });
}

for (const url of [
  'http://h/$machine',
  'http://h/{serial}',
  'http://h/$',
  'http://h/{}',
  'http://h/{toString}/$constructor',
]) {
  test(`${url} stays as it is`, (t) => {
    t.is(expandMacros(url, IDENTITY), url);
    t.false(hasMacro(url));
  });
}

test('a value cannot bring more than a value into a URL', (t) => {
  const identity = { ...IDENTITY, model: 'a/../b?c#d {mac}' };
  t.is(expandMacros('http://h/{model}', identity), 'http://h/a%2F..%2Fb%3Fc%23d%20%7Bmac%7D');
});

test('text without dollars and braces never changes, and nothing throws', (t) => {
  fc.assert(fc.property(fc.stringMatching(/^[^${}]*$/), (url) => expandMacros(url, IDENTITY) === url));
  fc.assert(fc.property(fc.string(), (url) => typeof expandMacros(url, IDENTITY) === 'string'));
  t.pass();
});
