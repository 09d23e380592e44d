import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { cardsOf, pcmNameOf, readCards, speechCards } from '#hal/linux/sound/cards.ts';
import { seededRandom } from '../../support/mutate.ts';

const CARDS = ` 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                      vc4-hdmi
 1 [Headset        ]: USB-Audio - USB Headset
                      Maker USB Headset at usb-3f980000.usb-1.2, full speed
12 [Mic            ]: USB-Audio - Only a Microphone
                      at usb-1.3
`;
const PCMS = `00-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1
01-00: USB Audio : USB Audio : playback 1 : capture 1
12-00: USB Audio : USB Audio : capture 1
`;

test('cards are known by their ids, with what they can do', (t) => {
  t.deepEqual(
    cardsOf(CARDS, PCMS).map(({ id, playback, capture }) => [id, playback, capture]),
    [
      ['vc4hdmi', true, false],
      ['Headset', true, true],
      ['Mic', false, true],
    ],
  );
  t.is(pcmNameOf({ id: 'Headset' }), 'plughw:CARD=Headset');
});

test('speech takes the card that does both, else one for each', (t) => {
  const cards = cardsOf(CARDS, PCMS);
  t.deepEqual(speechCards(cards), { input: 'plughw:CARD=Headset', output: 'plughw:CARD=Headset' });
  t.deepEqual(speechCards(cards.filter(({ id }) => id !== 'Headset')), {
    input: 'plughw:CARD=Mic',
    output: 'plughw:CARD=vc4hdmi',
  });
  t.deepEqual(speechCards([]), { input: undefined, output: undefined });
});

test('a kernel without sound, or without cards, has none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-cards-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.deepEqual(readCards(folder), []);
  writeFileSync(join(folder, 'cards'), '--- no soundcards ---\n');
  writeFileSync(join(folder, 'pcm'), '');
  t.deepEqual(readCards(folder), []);
  writeFileSync(join(folder, 'cards'), CARDS);
  writeFileSync(join(folder, 'pcm'), PCMS);
  t.is(readCards(folder).length, 3);
});

test('any ids survive', (t) => {
  const id = fc.stringMatching(/^[A-Za-z0-9_]{1,15}$/);
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(id, { maxLength: 8 }), (ids) => {
        const cards = ids.map((each, at) => ` ${at} [${each.padEnd(15)}]: D - ${each}\n   more\n`).join('');
        const pcms = ids.map((_, at) => `${String(at).padStart(2, '0')}-00: x : x : capture 1\n`).join('');
        const read = cardsOf(cards, pcms);
        return (
          read.every(({ id: found, capture }, at) => found === ids[at] && capture) &&
          read.length === ids.length
        );
      }),
    ),
  );
});

test('a hundred thousand spoilt lists do no harm', (t) => {
  const random = seededRandom(11);
  for (let n = 0; n < 100_000; n++) {
    const spoilt = [...CARDS];
    for (let k = 0; k < 4; k++)
      spoilt[Math.floor(random() * spoilt.length)] = String.fromCharCode(random() * 300);
    for (const { id } of cardsOf(spoilt.join(''), PCMS)) if (id === '') t.fail();
  }
  t.pass();
});
