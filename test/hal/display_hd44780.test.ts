import test from 'ava';
import { openHd44780Display } from '#hal/linux/display_hd44780.ts';
import type { HalError } from '#hal/linux/error.ts';
import type { Part } from '#hal/linux/part.ts';
import { nearestRomCode, romCode } from '#hal/parts/hd44780_characters.ts';
import { romCharacter } from '../support/models/hd44780_rom_a00.ts';
import { I2cModelBus } from '../support/models/i2c_model_bus.ts';
import { JumpingTiming } from '../support/models/jumping_timing.ts';
import { Hd44780Model, readsAs } from '../support/models/pcf8574_hd44780.ts';
import { seededRandom } from '../support/mutate.ts';

const ADDRESS = 0x27;

function stand(columns = 20, lines: 2 | 4 = 4) {
  const timing = new JumpingTiming();
  const bus = new I2cModelBus(timing);
  const model = new Hd44780Model(columns, lines);
  const failures: HalError[] = [];
  bus.attach(ADDRESS, model);
  const open = (): Promise<Part> =>
    timing.until(
      openHd44780Display(
        { address: ADDRESS, columns, lines },
        { bus, timing, events: { failed: (error) => failures.push(error) } },
      ),
    );
  const show = (part: Part, lines: readonly string[]) => part.perform?.({ kind: 'display', lines });
  return { timing, bus, model, failures, open, show };
}

const TALKING = [
  'Talking         1:05',
  'Jürgen Groß         ',
  '204@example.test    ',
  '0123456789*#        ',
];

test('Four lines of a call are read as the phone sent them', async (t) => {
  const { timing, model, open, show } = stand();
  const part = await open();
  show(part, TALKING);
  await timing.run(200);
  t.deepEqual(model.text, TALKING);
  t.true(model.lit);
  t.deepEqual(model.violations, []);
  t.deepEqual(part.status(), {
    part: 'display-hd44780',
    state: 'ok',
    driver: 'HD44780 20x4 at 0x27',
    note: '',
  });
});

test('On 16x2 the empty lines and the widest gap give way', async (t) => {
  const { timing, model, open, show } = stand(16, 2);
  const part = await open();
  show(part, ['', 'Talking         1:05', '', '204@example.test']);
  await timing.run(200);
  t.deepEqual(model.text, ['Talking     1:05', '204@example.test']);
});

test('Every letter of Latin-1 can be read, eight of one screen as themselves', async (t) => {
  const { timing, model, open, show } = stand(16, 2);
  const part = await open();
  const letters = Array.from({ length: 0x5f }, (_, index) => String.fromCharCode(0xa1 + index)).filter(
    (char) => char !== '\u00ad',
  );
  for (let at = 0; at < letters.length; at += 8) {
    const eight = letters.slice(at, at + 8).join('');
    show(part, [eight]);
    await timing.run(300);
    t.is(model.text[0]?.trimEnd(), [...eight].map(readsAs).join(''));
  }
  t.deepEqual(model.violations, []);
});

test('Beyond eight, the rarest letters are shown by their stand-ins', async (t) => {
  const { timing, model, open, show } = stand();
  const part = await open();
  show(part, ['àáâãåçèé', 'àáâãåçèé', 'êëìÄÖÜäöü', '']);
  await timing.run(300);
  t.deepEqual(
    model.text.map((line) => line.trimEnd()),
    ['àáâãåçèé', 'àáâãåçèé', 'eeiAOUäöü', ''],
  );
});

test('A second of a call, a key and a whole screen cost the bus this much', async (t) => {
  const { timing, bus, open, show } = stand();
  const part = await open();
  const cost = async (lines: readonly string[]) => {
    const before = bus.octets;
    show(part, lines);
    await timing.run(200);
    return bus.octets - before;
  };
  await cost(TALKING);
  t.is(await cost([TALKING[0]?.replace('5', '6') ?? '', ...TALKING.slice(1)]), 11, '1 ms at 100 kHz');
  t.is(await cost([TALKING[0] ?? '', ...TALKING.slice(1)]), 11);
  const whole = await cost(['Incoming call       ', 'Zoë Ångström        ', 'zoe@example.org     ', '']);
  t.true(whole < 400, `${whole} octets, 36 ms`);
  t.is(await cost(['Incoming call       ', 'Zoë Ångström        ', 'zoe@example.org     ', '']), 0);
});

test('On the way from one picture to the next no cell shows what belongs to neither, unless its own glyph is redrawn', async (t) => {
  const { timing, model, open, show } = stand();
  const part = await open();
  const pictures = [
    ['êëìíîïðò', '', '', ''],
    ['ú', 'abúcd', '', ''],
    ['àâãáåæçé', '', '', ''],
    ['', 'êëìíîïðò', '', 'ĄĆĘŁŃÓŚ'],
    ['ÀÁÂÃÈÉÊË', 'êëìíîïðò', '', ''],
    ['ùúûýÿþšž', '', 'àâãáåæçé', ''],
  ];
  const columns = Array.from({ length: 20 }, (_, column) => column);
  const drawn = (char = ' ') => romCode(char) === undefined;
  for (const [index, picture] of pictures.entries()) {
    const before = model.text;
    show(part, picture);
    const samples: string[][] = [];
    for (let at = 0; at < 300; at++) {
      await timing.run(1);
      samples.push(model.text);
    }
    const after = model.text;
    for (const sample of samples)
      for (const [row, line] of sample.entries()) {
        const wrong = columns.find((x) => {
          const [was, is] = [before[row]?.[x], after[row]?.[x]];
          return line[x] !== was && line[x] !== is && !(drawn(was) && drawn(is));
        });
        if (wrong !== undefined) t.fail(`picture ${index}: ${line}`);
      }
  }
  t.pass();
});

test('Never are two transfers under way, and of many pictures only the last one has to be seen', async (t) => {
  const { timing, bus, model, open, show } = stand();
  const part = await open();
  const before = bus.octets;
  for (let second = 0; second < 1000; second++) show(part, [`Talking ${second}`, '', '', '']);
  await timing.run(200);
  t.is(model.text[0]?.trimEnd(), 'Talking 999');
  t.is(bus.overlaps, 0);
  t.true(bus.octets - before < 120, `${bus.octets - before}`);
});

test('Without a display opening fails with what happened', async (t) => {
  const { bus, open } = stand();
  bus.detach(ADDRESS);
  await t.throwsAsync(open(), { name: 'HalError', message: /0x27/ });
});

test('A single octet that is not acknowledged is made good, although it puts the halves out of step', async (t) => {
  for (let octet = 0; octet < 30; octet++) {
    const { timing, bus, model, failures, open, show } = stand();
    const part = await open();
    let armed = true;
    bus.disturb = (_, index) => {
      const hit = armed && index === octet;
      armed &&= !hit;
      return hit;
    };
    show(part, TALKING);
    await timing.run(500);
    t.deepEqual(model.text, TALKING, `octet ${octet}`);
    t.deepEqual(failures, []);
  }
});

test('A display that is pulled out is reported once; opened again it shows everything', async (t) => {
  const { timing, bus, model, failures, open, show } = stand();
  const part = await open();
  show(part, TALKING);
  await timing.run(500);
  bus.detach(ADDRESS);
  show(part, ['Busy']);
  await timing.run(10_000);
  t.deepEqual(
    failures.map(({ code }) => code),
    ['NAK'],
  );
  t.is(part.status().state, 'failed');
  const octets = bus.octets;
  show(part, ['Idle']);
  await timing.run(10_000);
  t.is(bus.octets, octets, 'a part that has given up stays off the bus');
  await timing.until(part.close());
  model.powerCycle(timing.now() * 1000);
  bus.attach(ADDRESS, model);
  const again = await open();
  show(again, TALKING);
  await timing.run(500);
  t.deepEqual(model.text, TALKING);
  t.deepEqual(model.violations, []);
});

test('A display that loses its power for a moment while nothing is sent is initialised anew', async (t) => {
  const { timing, model, failures, open, show } = stand();
  show(await open(), TALKING);
  await timing.run(500);
  model.powerCycle(timing.now() * 1000);
  t.deepEqual(
    model.text.map((line) => line.trim()),
    ['', '', '', ''],
  );
  await timing.run(2500);
  t.deepEqual(model.text, TALKING);
  t.deepEqual(failures, []);
});

test('A disturbance that nobody noticed is healed within a minute, and the picture stays meanwhile', async (t) => {
  const { timing, model, open, show } = stand();
  const part = await open();
  show(part, TALKING);
  await timing.run(500);
  model.loseStep();
  show(part, [`${TALKING[0]?.slice(0, -1)}6`, ...TALKING.slice(1)]);
  await timing.run(500);
  t.notDeepEqual(model.text, [`${TALKING[0]?.slice(0, -1)}6`, ...TALKING.slice(1)], 'out of step');
  await timing.run(62_000);
  t.deepEqual(model.text, [`${TALKING[0]?.slice(0, -1)}6`, ...TALKING.slice(1)]);
});

test('A refresh leaves the picture legible at every moment', async (t) => {
  const { timing, model, open, show } = stand();
  show(await open(), TALKING);
  await timing.run(59_000);
  for (let ms = 0; ms < 3000; ms++) {
    await timing.run(1);
    if (model.text.join() !== TALKING.join()) t.fail(`${model.text.join('/')} after ${ms} ms`);
  }
  t.pass();
});

test('A bus that is held, or an adapter that leaves, is reported as what it is', async (t) => {
  for (const [fault, code, within] of [
    ['stuck', 'BUSY', 5000],
    ['gone', 'GONE', 10],
  ] as const) {
    const { timing, bus, failures, open, show } = stand();
    const part = await open();
    bus[fault] = true;
    show(part, TALKING);
    await timing.run(within);
    t.deepEqual(
      failures.map((failure) => failure.code),
      [code],
    );
  }
});

test('Closing leaves it dark, also in the middle of a picture, and is over when it is over', async (t) => {
  const { timing, bus, model, open, show } = stand();
  const part = await open();
  show(part, TALKING);
  await timing.run(2);
  await timing.until(part.close());
  t.false(model.lit);
  t.deepEqual(model.text.join('').trim(), '');
  t.is(bus.overlaps, 0);
  await timing.until(part.close());
  const octets = bus.octets;
  show(part, TALKING);
  await timing.run(10_000);
  t.is(bus.octets, octets);
});

const NAMES = [
  'Jürgen',
  'Zoë',
  'Łódź',
  'Ångström',
  'señor',
  'café',
  'ÄÖÜ',
  'Ωμέγα',
  '☎ 204',
  '日本',
  'naïve',
  '  ',
];

/** What the display should read: glyphs, or stand-ins where more than eight are wanted. */
function legible(read: string, wanted: string): boolean {
  return [...wanted].every((char, at) => {
    const standIn = romCharacter(nearestRomCode(char));
    return (
      read[at] === char ||
      read[at] === readsAs(char) ||
      read[at] === standIn ||
      (romCode(char) === undefined && read[at] === '?')
    );
  });
}

test('Whatever the updates and faults, in the end a person reads the last lines', async (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const { timing, bus, model, failures, open, show } = stand();
    let part = await open();
    let last: string[] = [];
    bus.disturb = () => random() < 0.0005;
    for (let step = 0; step < 30; step++) {
      last = Array.from({ length: 4 }, () => `${NAMES[below(NAMES.length)]} ${below(1000)}`);
      show(part, last);
      await timing.run(below(120));
      if (below(10) === 0) model.powerCycle(timing.now() * 1000);
      if (failures.length > 0) {
        failures.length = 0;
        await timing.until(part.close());
        bus.disturb = () => false;
        part = await open();
        show(part, last);
      }
    }
    bus.disturb = () => false;
    await timing.run(65_000);
    const expected = last.map((line) =>
      line.replaceAll('日本', '? ? ').replaceAll('έ', 'ε').replaceAll('γ', '?'),
    );
    for (const [row, line] of expected.entries())
      t.true(legible(model.text[row] ?? '', line), `seed ${seed}: ${model.text[row]} for ${line}`);
  }
});
