import test from 'ava';
import { grandstreamKey, snomKey, yealinkKey } from '#provisioning/formats/keymap.ts';
import { KEYMAP } from '#provisioning/formats/keymap_table.ts';
import { countryNamed, languageNamed } from '#provisioning/formats/places.ts';
import { codecNamed, serverFrom } from '#provisioning/formats/values.ts';
import { zoneOfGrandstream, zoneOfSnom, zoneOfYealink } from '#provisioning/formats/zone.ts';

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

test('every key of the table is found again, with its own meaning', (t) => {
  for (const [meaning, , yealink, snom, grandstream] of KEYMAP) {
    for (const pattern of words(yealink)) {
      const key = pattern.replace('#', '3').replace('**', 'x.7');
      t.is(yealinkKey(key)?.meaning, meaning, key);
      t.is(yealinkKey(`static.${key}`)?.meaning, meaning, key);
    }
    for (const pattern of words(snom)) t.is(snomKey(pattern.replace('#', ''), 1)?.meaning, meaning, pattern);
    for (const pattern of words(grandstream).flatMap((pair) => pair.split('/'))) {
      t.is(grandstreamKey(pattern)?.meaning, meaning, pattern);
    }
  }
});

test('no key stands in the table twice', (t) => {
  for (const column of [2, 3, 4] as const) {
    const all = KEYMAP.flatMap((row) => words(row[column])).flatMap((pair) => pair.split('/'));
    t.deepEqual(
      all.filter((key, at) => all.indexOf(key) !== at),
      [],
    );
  }
});

test('numbers of accounts are told apart from numbers of keys and rules', (t) => {
  t.is(yealinkKey('account.12.user_name')?.account, 12);
  t.is(yealinkKey('voice_mail.number.2')?.account, 2);
  t.is(yealinkKey('dialplan.replace.prefix.2')?.account, undefined);
  t.is(snomKey('user_name', 3)?.account, 3);
  t.is(snomKey('user_name', undefined)?.account, 1);
  const accounts = ['P35', 'P404', 'P504', 'P604', 'P1704', 'P1804'].map(
    (key) => grandstreamKey(key)?.account,
  );
  t.deepEqual(accounts, [1, 2, 3, 4, 5, 6]);
  for (const unknown of [
    'account.1.unheard',
    'account.user_name',
    '',
    '.',
    'a..b',
    '__proto__',
    'constructor',
  ]) {
    t.is(yealinkKey(unknown), undefined);
  }
  t.is(grandstreamKey('P99999'), undefined);
});

test('servers are read with port, scheme, transport and in both families', (t) => {
  t.deepEqual(serverFrom('pbx.example.net'), { host: 'pbx.example.net' });
  t.deepEqual(serverFrom('192.0.2.1:5062'), { host: '192.0.2.1', port: 5062 });
  t.deepEqual(serverFrom('2001:db8::1'), { host: '2001:db8::1' });
  t.deepEqual(serverFrom('[2001:db8::1]:5061;transport=TLS'), {
    host: '2001:db8::1',
    port: 5061,
    transport: 'tls',
  });
  t.deepEqual(serverFrom('sips:pbx.example.net'), { host: 'pbx.example.net', transport: 'tls' });
  t.deepEqual(serverFrom('192.0.2.1:5060;transport='), { host: '192.0.2.1', port: 5060 });
  for (const none of ['', 'a b', 'pbx:0', 'pbx:99999', '[pbx]', 'pbx;transport=sctp', 'http://pbx', 'a@b']) {
    t.is(serverFrom(none), undefined, none);
  }
});

test('codecs are known by all of their names', (t) => {
  const names = [
    'PCMA',
    'G711a',
    'G.711A',
    '8',
    'pcmu',
    'G711u',
    '0',
    'G722',
    '9',
    'OPUS',
    '123',
    'g729',
    'g726_32',
  ];
  t.deepEqual(names.map(codecNamed), [
    'pcma',
    'pcma',
    'pcma',
    'pcma',
    'pcmu',
    'pcmu',
    'pcmu',
    'g722',
    'g722',
    'opus',
    'opus',
    undefined,
    undefined,
  ]);
});

test('countries and languages are known by the names that vendors give them', (t) => {
  const countries = [
    'Germany',
    'GER',
    'de',
    'Great Britain',
    'GBR',
    'UK',
    'United States',
    'USA',
    'Russia',
    'Czech',
    'Custom',
    'n',
    'DD',
    'ZZ',
    '',
  ];
  t.deepEqual(countries.map(countryNamed), [
    'DE',
    'DE',
    'DE',
    'GB',
    'GB',
    'GB',
    'US',
    'US',
    'RU',
    'CZ',
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  const languages = [
    'English',
    'Deutsch',
    'Francais',
    'Français',
    'Dutch',
    'Nederlands',
    'nl',
    'pt_BR',
    'e',
    '',
  ];
  t.deepEqual(languages.map(languageNamed), [
    'en',
    'de',
    'fr',
    'fr',
    'nl',
    'nl',
    'nl',
    'pt-BR',
    undefined,
    undefined,
  ]);
});

test('a time zone is taken only where summer and winter are exactly the same', (t) => {
  const yealink = (offset?: string, name?: string, summer?: string) =>
    zoneOfYealink({ offset, name, summer });
  t.is(yealink('+1', 'Germany(Berlin)', '2'), 'Europe/Berlin');
  t.is(yealink('+1', 'Germany(Berlin)'), 'Europe/Berlin');
  t.is(yealink('-5', 'United States(New York)', '2'), 'America/New_York');
  t.is(yealink(undefined, 'Europe/Amsterdam'), 'Europe/Amsterdam');
  // The name says one offset, the number another.
  t.is(yealink('+2', 'Germany(Berlin)'), undefined);
  // Half of the year is by dates that the file gives.
  t.is(yealink('+1', undefined, '1'), undefined);
  t.is(yealink('+1'), undefined);
  t.is(yealink('+1', undefined, '0'), 'Etc/GMT-1');
  t.is(yealink('-3', 'Germany(Berlin)', '0'), 'Etc/GMT+3');
  t.is(yealink('0', undefined, '0'), 'Etc/UTC');
  t.is(yealink('+5:30', undefined, '0'), undefined);
  t.deepEqual(['GER+1', 'USA-5', 'USA-8', 'GBR+0', 'GER+2', 'XYZ+1', 'n'].map(zoneOfSnom), [
    'Europe/Berlin',
    'America/New_York',
    'America/Los_Angeles',
    'Europe/London',
    undefined,
    undefined,
    undefined,
  ]);
  t.is(zoneOfGrandstream('EST5EDT,M3.2.0,M11.1.0'), 'America/New_York');
  t.is(zoneOfGrandstream('Europe/Paris'), 'Europe/Paris');
  t.is(zoneOfGrandstream('auto'), undefined);
});
