/** What the display says, in each of its languages. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { COLUMNS, width } from '#phone/screen_text.ts';
import { de } from '#phone/texts/de.ts';
import { en } from '#phone/texts/en.ts';
import { fr } from '#phone/texts/fr.ts';
import { nl } from '#phone/texts/nl.ts';
import { filled, spoken, type Texts, textsOf, translated } from '#phone/texts.ts';
import { Desk, FLOW } from '../support/desk.ts';

const TABLES: Readonly<Record<string, Texts>> = { en, nl, de, fr };
/** What stands for `%` at its widest; the rest of a line may be cut. */
const WIDEST = {
  missedCall: '1',
  missedCalls: '99',
  missed: '999',
  noAddress: '6',
  noSound: '6',
  only: '6bed4',
};

for (const [language, table] of Object.entries(TABLES)) {
  test(`${language}: every text has room on a line, and is filled as the English one is`, (t) => {
    for (const [key, text] of Object.entries(table)) {
      const value = { ...WIDEST, factoryResetIn: '10' }[key] ?? 'Hall';
      t.true(width(filled(text, value)) <= COLUMNS, `${key}: ${text}`);
      t.is(text.split('%').length, en[key as keyof typeof en].split('%').length, key);
      t.true(text.trim() === text && text !== '', key);
    }
  });
}

test('a language is found whatever its region and its case; what is not spoken is English', (t) => {
  t.is(textsOf('nl'), nl);
  t.is(textsOf('DE-ch'), de);
  t.is(textsOf('fr-Latn-CA'), fr);
  t.is(textsOf(), en);
  t.is(textsOf('fy'), en);
  t.is(spoken('fy'), undefined);
  t.is(spoken('constructor'), undefined);
});

test('an English text is found in the other tables, filled or not; the words of others stay as they are', (t) => {
  t.is(translated('Number incomplete', nl), 'Nummer onvolledig');
  t.is(translated('Factory reset: 9 s', de), 'Alles löschen: 9 s');
  t.is(translated('No IPv6 address', fr), "Pas d'adresse IPv6");
  t.is(translated('New: 205 Hall', nl), 'Nieuw: 205 Hall');
  t.is(translated('486 Busy Here', nl), '486 Busy Here');
  t.is(translated('PIN 1234 5678', nl), 'PIN 1234 5678');
  t.is(translated('Number incomplete', en), 'Number incomplete');
});

test('whatever a neighbour is called, its name is told as it is', (t) => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      (name) => translated(filled(en.newNeighbour, name), nl) === filled(nl.newNeighbour, name),
    ),
  );
  t.pass();
});

/** Who speaks to the display without knowing its language: the string that each of these says. */
const SPEAKERS: Readonly<Record<string, RegExp>> = {
  'provisioning/lifecycle/lifecycle.ts': /\btold\([^;]*, '([^']+)'\)/g,
  'provisioning/store/in_force.ts': /\btold\([^;]*, '([^']+)'\)/g,
  'firmware/telephone/provisioned.ts': /\bshow\('([^']+)'\)/g,
  'firmware/telephone/running.ts': /\b(?:told\([^;]*, |notice\()'([^']+)'\)/g,
};
for (const [file, saying] of Object.entries(SPEAKERS)) {
  test(`what ${file} says on the display can be said in every language`, (t) => {
    const said = [...readFileSync(file, 'utf8').matchAll(saying)].map(([, text = '']) => text);
    t.true(said.length > 0);
    for (const text of said) t.true(Object.values(en).includes(text as never), text);
  });
}

test('a Dutch telephone speaks Dutch from dial tone to the end of a call, and logs in English', (t) => {
  const desk = new Desk({ language: 'nl', dial: { map: '[2-7]xx' } });
  desk.sip({ kind: 'registration', account: 'a', state: 'registered', flow: FLOW });
  t.is(desk.lines[2], 'Aangemeld       IPv4');
  const call = desk.callOut('234');
  t.is(desk.lines[0], 'Bellen');
  desk.progress(call, 180);
  t.is(desk.lines[0], 'Gaat over');
  desk.answered(call);
  t.is(desk.lines[0], 'In gesprek      0:00');
  desk.flash();
  t.is(desk.lines[0], 'In de wacht     0:00');
  desk.ended(call);
  t.is(desk.lines[0], 'Gesprek beëindigd');
  t.is(desk.phone.calls()[0]?.cause, 'The peer hung up');
  desk.putDown();
  desk.lift();
  desk.press('9');
  t.deepEqual([desk.lines[0], desk.lines[3]], ['Niet bereikbaar', 'Niet in kiesplan']);
});

test('what is noticed from outside is said in the language of the display', (t) => {
  const desk = new Desk({ language: 'de' });
  desk.give({ kind: 'notice', text: 'New settings' });
  t.is(desk.lines[3], 'Neue Einstellungen');
  desk.give({ kind: 'lan', extension: '204', neighbours: [], met: [] });
  desk.give({ kind: 'hal', event: { kind: 'function', key: 'phone-book', down: true } });
  t.is(desk.lines[3], 'Telefonbuch ist leer');
});
