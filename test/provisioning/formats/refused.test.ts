/** What is refused, with a line that says what and where and shows nothing of the file; and what an attack may cost. */
import test from 'ava';
import { readProvisioned } from '#provisioning/formats/read_file.ts';
import { LARGEST_FILE } from '#provisioning/formats/text.ts';
import type { FileFormat } from '#provisioning/types.ts';
import { grandstream, octets, read, refusal, snom, WHOLE, yealink } from './files.ts';

const BILLION_LAUGHS = `<?xml version="1.0"?>
<!DOCTYPE settings [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>
<settings><phone-settings><user_name idx="1">&c;</user_name></phone-settings></settings>`;

const MALFORMED: readonly [name: string, text: string, sentence: RegExp][] = [
  ['an entity bomb', BILLION_LAUGHS, /^XML, line 2: a document type or entity declaration: refused/],
  [
    'a reference to a file',
    '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><settings/>',
    /^XML, line 1: a document type/,
  ],
  [
    'an element that is not closed',
    snom('<user_pass idx="1">hunter2').replace('</phone-settings>', ''),
    /^XML, line 2, column \d+: an element is not closed/,
  ],
  ['an end tag of another', snom('<user_pass>hun<ter2</user_pass>'), /^XML, line 2(?:, column \d+)?: a/],
  [
    'an entity of HTML in a password',
    snom('<user_pass idx="1">hunter&hunter2;</user_pass>'),
    /^XML, line 2, column \d+: an entity that XML does not define/,
  ],
  [
    'an & alone in a password',
    snom('<user_pass idx="1">hunter & hunter2</user_pass>'),
    /^XML, line 2, column \d+: an & that begins no reference/,
  ],
  [
    'an attribute without quotes',
    snom('<user_pass idx=1>hunter2</user_pass>'),
    /an attribute without a proper value/,
  ],
  [
    'an attribute given twice',
    snom('<user_pass idx="1" idx="2">hunter2</user_pass>'),
    /an attribute without a proper value, or given twice/,
  ],
  ['a comment that does not end', snom('<!-- hunter2'), /^XML, line 2: a comment is not closed/],
  [
    'a CDATA section that does not end',
    snom('<user_pass><![CDATA[hunter2'),
    /^XML, line 2: a CDATA section is not closed/,
  ],
  ['a tag that does not end', '<settings hunter2', /^XML, line 1: a tag is not closed/],
  ['two roots', '<settings/><settings>hunter2</settings>', /something follows the last element/],
  [
    'XML of something else',
    '<feed>hunter2</feed>',
    /^XML whose first element is none of settings, phone-settings, gs_provision/,
  ],
  [
    'a page that asks for a login',
    '<!DOCTYPE html><html><body>hunter2</body></html>',
    /^an HTML page, no configuration/,
  ],
  ['Snom’s old form', 'user_pass1!: hunter2\nuser_name1: 204\n', /^the file has Snom’s old form/],
  ['text of nobody', 'hunter2', /expected a mapping/],
];

for (const [name, text, sentence] of MALFORMED) {
  test(`${name} is refused with a clear line`, async (t) => {
    const error = await refusal(text);
    t.regex(error, sentence);
    t.false(error.includes('\n'));
    if (name !== 'text of nobody') t.notRegex(error, /hunter|ter2/);
  });
}

test('compressed, encrypted and binary files are refused with what to do', async (t) => {
  t.regex(await refusal(Uint8Array.of(0x1f, 0x8b, 8, 0)), /compressed with gzip/);
  t.regex(await refusal(octets('PK\x03\x04….')), /ZIP archive/);
  t.regex(await refusal(octets('Salted__12345678')), /encrypted/);
  const header = Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 0x0b, 0x82, 1, 2, 3, 13, 10, 13, 10);
  t.regex(await refusal(Buffer.concat([header, octets('P1=a&gnkey=0b82')])), /Grandstream’s binary form/);
  t.is(
    await refusal(yealink('a = b\x01')),
    'line 2: a control character (0x01): the file is damaged or no text',
  );
});

test('UTF-8 with a mark, UTF-16 and ISO 8859-1 are read, with any line end', async (t) => {
  const text = yealink(
    'account.1.user_name = 204',
    'account.1.sip_server.1.address = pbx.example.net',
    'account.1.display_name = Küche',
  );
  const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  const forms: readonly Uint8Array[] = [
    octets(`\ufeff${text}`),
    octets(text.replaceAll('\n', '\r\n')),
    octets(text.replaceAll('\n', '\r')),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(text, 'utf16le'),
    big,
    Buffer.from(text, 'latin1'),
  ];
  for (const form of forms) {
    const { value } = await read(form);
    t.is((value.accounts as { displayName: string }[])[0]?.displayName, 'Küche');
  }
  t.deepEqual((await read(Buffer.from(text, 'latin1'))).warnings, [
    'the file is not UTF-8: read as ISO 8859-1',
  ]);
  const declared = snom(
    '<user_name idx="1">204</user_name><user_host idx="1">b</user_host><user_realname idx="1">Küche</user_realname>',
  );
  const latin = Buffer.from(declared.replace('UTF-8', 'ISO-8859-1'), 'latin1');
  const { value, warnings } = await read(latin);
  t.is((value.accounts as { displayName: string }[])[0]?.displayName, 'Küche');
  t.deepEqual(warnings, []);
});

test('a format is known by what is in the file', async (t) => {
  const formats: Record<keyof typeof WHOLE, FileFormat> = {
    yealink: 'yealink',
    snom: 'snom',
    grandstream: 'grandstream',
    cisco: 'cisco-spa',
    fanvil: 'fanvil',
    dualtone: 'dualtone',
  };
  for (const [name, format] of Object.entries(formats)) {
    const text = WHOLE[name as keyof typeof WHOLE];
    t.is((await read(text)).format, format);
    t.is((await read(`\n  ${text}`)).format, format);
  }
  t.is((await read('accounts:\n  - user: "204"\n    domain: pbx.example.net\n')).format, 'dualtone');
  const headless = await read(
    '# theirs\naccount.1.user_name = 204\naccount.1.sip_server.1.address = b.test\n',
  );
  t.deepEqual([headless.format, headless.warnings], ['yealink', ['the first line is not #!version:1.0.0.1']]);
});

test('our own form keeps what it says, its unknown keys are told as pointers', async (t) => {
  const { value, unknown } = await read('{"name": "Kitchen", "colour": "red", "net": {"sipPort": 5070}}');
  t.deepEqual(unknown, ['/colour']);
  t.deepEqual((value as { net: unknown }).net, { sipPort: 5070 });
  t.regex(await refusal('{"net": {"sipPort": "many"}}'), /^\/net\/sipPort: expected/);
});

const MEGABYTE = (piece: string) => piece.repeat(Math.floor((LARGEST_FILE - 300) / piece.length));

const BOMBS: Readonly<Record<string, () => string>> = {
  'ten megabytes': () => yealink('x'.repeat(10 << 20)),
  'a hundred thousand elements in one another': () => `<settings>${'<a>'.repeat(100_000)}`,
  'as many that are closed': () => `<settings>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</settings>`,
  'a hundred thousand attributes': () =>
    `<settings ${Array.from({ length: 70_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`,
  'a quarter of a million elements': () => grandstream(MEGABYTE('<a/>')),
  'a megabyte of comment beginnings': () => `<settings>${MEGABYTE('<!--')}</settings>`,
  'a megabyte of < signs': () => MEGABYTE('<'),
  'a megabyte of CDATA beginnings': () => `<settings>${MEGABYTE('<![CDATA[')}</settings>`,
  'a megabyte of quotes in a tag': () => `<settings a=${MEGABYTE('"\'')}/>`,
  'a hundred thousand lists in one another': () => '['.repeat(100_000),
  'as many mappings': () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'aliases of aliases': () =>
    [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefghij'].map((l, i) => `${l}: &${l} [${Array(9).fill(`*${'abcdefghi'[i]}`).join()}]`),
    ].join('\n'),
};

for (const [name, bomb] of Object.entries(BOMBS)) {
  test.serial(`${name} are refused within a second, in little memory`, async (t) => {
    const file = octets(bomb());
    const before = process.memoryUsage().rss;
    const began = process.cpuUsage();
    const result = await readProvisioned(file);
    const { user, system } = process.cpuUsage(began);
    t.true('error' in result && result.error.length < 200, JSON.stringify(result).slice(0, 200));
    t.true((user + system) / 1e6 < 1, `${(user + system) / 1e6} s`);
    t.true(process.memoryUsage().rss - before < 256 << 20);
  });
}

test.serial('YAML that would take a minute is refused, the same as JSON is read', async (t) => {
  const keys = Array.from({ length: 60_000 }, (_, i) => `"k${i}": 1`);
  const began = process.cpuUsage();
  t.regex(await refusal(keys.join('\n')), /^YAML of more than 65536 characters/);
  t.is((await read(`{"name": "x", ${keys.join(',')}}`)).unknown.length, 60_000);
  // The worst that is read.
  await readProvisioned(octets(keys.join('\n').slice(0, 65_000)));
  const { user, system } = process.cpuUsage(began);
  t.true((user + system) / 1e6 < 4, `${(user + system) / 1e6} s`);
});

test('an answer that says nothing of a configuration is none: the accounts stay', async (t) => {
  for (const file of [
    '',
    '\n\n',
    'null',
    '{}',
    '# nothing',
    '{"error": "no such telephone"}',
    'error: gone\ncode: 7',
  ]) {
    t.regex(await refusal(file), /^nothing in it is of a configuration/, file);
  }
  for (const file of ['schema: dualtone.config/1', '{"accounts": []}', 'name: Hall\nnonsense: 7']) {
    t.is(await refusal(file), 'read', file);
  }
});

test('elements may be nested 32 deep', async (t) => {
  const nested = (depth: number) => snom(`${'<a>'.repeat(depth)}x${'</a>'.repeat(depth)}`);
  t.is(await refusal(nested(30)), 'read');
  t.is(await refusal(nested(31)), 'XML, line 2: elements nested deeper than 32');
});

const LARGE: Readonly<Record<string, () => string>> = {
  'line ends of one character': () => snom(`<user_realname idx="1">${MEGABYTE('\r')}</user_realname>`),
  references: () => snom(`<user_realname idx="1">${MEGABYTE('&amp;')}</user_realname>`),
  'characters of two units': () => snom(`<vlan_id>${MEGABYTE('😀')}</vlan_id>`),
  'closed comments': () => grandstream(MEGABYTE('<!---->')),
  'lines of a Yealink file': () => yealink(MEGABYTE('a.b = c\n')),
  'different keys': () => yealink(Array.from({ length: 60_000 }, (_, i) => `a.${i} = c`).join('\n')),
  'alternatives of a dial plan': () => grandstream(`<P290>{${MEGABYTE('1|')}}</P290>`),
  codecs: () =>
    snom(
      `<user_name>1</user_name><user_host>b</user_host><codec_priority_list idx="1">${MEGABYTE('x,')}</codec_priority_list>`,
    ),
};

for (const [name, file] of Object.entries(LARGE)) {
  test.serial(`a megabyte of ${name} takes less than two seconds`, async (t) => {
    const began = process.cpuUsage();
    await readProvisioned(octets(file()));
    const { user, system } = process.cpuUsage(began);
    t.true((user + system) / 1e6 < 2, `${(user + system) / 1e6} s`);
  });
}
