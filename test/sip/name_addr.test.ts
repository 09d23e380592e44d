import test from 'ava';
import fc from 'fast-check';
import { formatNameAddr, type NameAddr, parseNameAddr, quoteName } from '#sip/message/name_addr.ts';
import { Params } from '#sip/message/params.ts';
import { octetText } from '#sip/message/text.ts';

const READ: readonly (readonly [text: string, name: string, uri: string, params?: string])[] = [
  [
    '"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s',
    'A. G. Bell',
    'sip:agb@bell-telephone.com',
    ';tag=a48s',
  ],
  [
    'Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8',
    'Anonymous',
    'sip:c8oqz84zk7z@privacy.org',
    ';tag=hyh8',
  ],
  ['sip:+12125551212@phone2net.com;tag=887s', '', 'sip:+12125551212@phone2net.com', ';tag=887s'],
  ['<sip:a@b;lr>;x', '', 'sip:a@b;lr', ';x'],
  ['caller<sip:caller@example.com>', 'caller', 'sip:caller@example.com'],
  ['"\\"Q\\\\" <sip:a>', '"Q\\', 'sip:a'],
  ['"" <sip:a>', '', 'sip:a'],
  ['"<sip:not@me>" <sip:a>', '<sip:not@me>', 'sip:a'],
  [
    'Bell, Alexander <sip:a.g.bell@example.com>;tag=43',
    'Bell, Alexander',
    'sip:a.g.bell@example.com',
    ';tag=43',
  ],
  [octetText('Jürgen ☎ <sip:a>'), 'Jürgen ☎', 'sip:a'],
  ['a b  c\t<sip:a>', 'a b  c', 'sip:a'],
  ['<isbn:2983792873>', '', 'isbn:2983792873'],
  ['sip:a@b;x="<;,>"', '', 'sip:a@b', ';x="<;,>"'],
  ['<sip:a> ; q = 0.5 ; expires = 60', '', 'sip:a', ';q=0.5;expires=60'],
];

for (const [text, name, uri, params = ''] of READ) {
  test(`${JSON.stringify(text)} is "${name}" at ${uri}`, (t) => {
    const value = parseNameAddr(text);
    t.deepEqual([value?.name, value?.uri, value?.params.toString()], [name, uri, params]);
  });
}

for (const text of [
  '',
  '*',
  'alice',
  'alice@example.com',
  '<>',
  '<alice>',
  '<sip:a',
  '"Mr. J. User <sip:j.user@example.com>',
  '"A"',
  '"A" sip:a',
  'A "B" <sip:a>',
  '< sip:a >',
  '<sip:a b>',
  '<sip:a>;',
  '<sip:a>;;tag=1',
  '<sip:a> tag=1',
  '<sip:a>, <sip:b>',
  'sip:a?x=y',
  'sip:a b',
  'sip:',
  ':a',
]) {
  test(`${JSON.stringify(text)} is no name-addr`, (t) => t.is(parseNameAddr(text), undefined));
}

test('a name for the writer is octets in quotes and cannot leave them', (t) => {
  t.is(quoteName('Zoë "Z" \\'), `"${octetText('Zoë')} \\"Z\\" \\\\"`);
  t.is(quoteName('a\r\nEvil: 1\0'), '"a  Evil: 1 "');
});

test('every name-addr that is written is read as what it was', (t) => {
  const visible = fc.stringMatching(/^[!#-;=?-~]{1,20}$/);
  const name = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((text) => !/[\r\n\0]/.test(text) && text.isWellFormed());
  const value = fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 10 }), fc.constant(true as const));
  const params = fc.array(fc.tuple(fc.stringMatching(/^[a-z0-9.!%*_+-]{1,8}$/), value), { maxLength: 4 });
  t.notThrows(() =>
    fc.assert(
      fc.property(name, visible, params, (people, rest, entries) => {
        const made: NameAddr = { name: people, uri: `sip:${rest}`, params: Params.of(entries) };
        return t.deepEqual(parseNameAddr(formatNameAddr(made)), made);
      }),
    ),
  );
});

test('parameters are found without regard to case, the first of a name counts', (t) => {
  const params = parseNameAddr('<sip:a>;Tag=1;tag=2;Flag;empty=""')?.params;
  t.is(params?.get('tag'), '1');
  t.is(params?.get('flag'), true);
  t.is(params?.text('flag'), undefined);
  t.is(params?.get('empty'), '');
  t.is(params?.get('none'), undefined);
  t.is(params?.size, 4);
});

test('a parameter is set in its place, added at the end, taken away', (t) => {
  const params = Params.of([
    ['a', '1'],
    ['b', true],
  ]);
  t.is(params.with('a', 'x y').toString(), ';a="x y";b');
  t.is(params.with('c', '[::1]').toString(), ';a=1;b;c=[::1]');
  t.is(params.without('a').toString(), ';b');
});
