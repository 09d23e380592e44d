import { readFileSync } from 'node:fs';
import test from 'ava';
import { openOledDisplay } from '#hal/linux/display_ssd1306.ts';
import type { HalError } from '#hal/linux/error.ts';
import type { Part } from '#hal/linux/part.ts';
import { FrameBuffer } from '#hal/parts/frame_buffer.ts';
import { textLayout } from '#hal/parts/text_layout.ts';
import { renderText } from '#hal/parts/text_renderer.ts';
import { I2cModelBus } from '../support/models/i2c_model_bus.ts';
import { JumpingTiming } from '../support/models/jumping_timing.ts';
import { Sh1106Model } from '../support/models/sh1106.ts';
import { type OledModel, Ssd1306Model } from '../support/models/ssd1306.ts';
import { seededRandom } from '../support/mutate.ts';

const ADDRESS = 0x3c;
const CONTROLLERS = ['ssd1306', 'sh1106'] as const;
type Controller = (typeof CONTROLLERS)[number];

function stand(controller: Controller, { height = 64, rotated = false, hertz = 100_000 } = {}) {
  const timing = new JumpingTiming();
  const bus = new I2cModelBus(timing, hertz);
  const model: OledModel =
    controller === 'ssd1306' ? new Ssd1306Model(128, height) : new Sh1106Model(128, height);
  const failures: HalError[] = [];
  bus.attach(ADDRESS, model);
  const open = (): Promise<Part> =>
    timing.until(
      openOledDisplay(
        { address: ADDRESS, controller, width: 128, height, rotated },
        { bus, timing, events: { failed: (error) => failures.push(error) } },
      ),
    );
  const show = (part: Part, lines: readonly string[]) => part.perform?.({ kind: 'display', lines });
  return { timing, bus, model, failures, open, show };
}

const golden = (name: string) =>
  readFileSync(new URL(`../data/display/${name}.txt`, import.meta.url), 'utf8').trimEnd();
const TALKING = ['Talking         1:05', 'Jürgen Groß', '204@[2001:db8::1]', '0123456789*#'];

/** Whether the glass shows these lines and nothing else. */
function shows(model: OledModel, lines: readonly string[]): boolean {
  const { width, height } = model.shape;
  const picture = new FrameBuffer(width, height);
  renderText(lines, textLayout(width, height), picture);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (picture.get(x, y) !== model.lit(x, y)) return false;
  return true;
}

for (const controller of CONTROLLERS) {
  test(`A person sees a call on a ${controller}`, async (t) => {
    const { timing, model, open, show } = stand(controller);
    const part = await open();
    show(part, TALKING);
    await timing.run(500);
    t.is(model.art, golden('talking_tall'));
    t.deepEqual(model.violations, []);
    t.deepEqual(part.status(), {
      part: 'display-ssd1306',
      state: 'ok',
      driver: `${controller.toUpperCase()} 128x64 at 0x3c`,
      note: '',
    });
  });

  test(`A flat ${controller} shows four lines in the small font`, async (t) => {
    const { timing, model, open, show } = stand(controller, { height: 32 });
    show(await open(), TALKING);
    await timing.run(500);
    t.is(model.art, golden('talking_small'));
  });

  test(`Rotated by half, a ${controller} shows the same the other way round`, async (t) => {
    const { timing, model, open, show } = stand(controller, { rotated: true });
    show(await open(), ['L']);
    await timing.run(500);
    t.true(model.lit(127 - 1, 63 - 3), 'the upper end of the L');
    t.true(model.lit(127 - 5, 63 - 12), 'the end of its foot');
    t.false(model.lit(1, 3));
  });

  test(`No noise of the memory of a ${controller} is ever seen`, async (t) => {
    const { timing, model, open } = stand(controller);
    const opened = open();
    for (let ms = 0; ms < 300; ms++) {
      await timing.run(1);
      if (model.art !== '') t.fail(`after ${ms} ms`);
    }
    await opened;
    t.is(model.art, '');
  });

  test(`Whatever updates and faults befall a ${controller}, in the end it shows the last lines`, async (t) => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed);
      const below = (limit: number) => Math.floor(random() * limit);
      const { timing, bus, model, failures, open, show } = stand(controller, { hertz: 400_000 });
      let part = await open();
      let last: string[] = [];
      bus.disturb = () => random() < 0.0003;
      for (let step = 0; step < 20; step++) {
        last = Array.from({ length: 4 }, () =>
          random()
            .toString(36)
            .slice(2, below(20) + 2),
        );
        show(part, last);
        await timing.run(below(60));
        if (below(10) === 0) model.powerCycle();
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
      t.true(shows(model, last), `seed ${seed}: ${last.join('/')}\n${model.art}`);
    }
  });
}

test('A second of a call costs the bus some thirty octets, a whole new screen a tenth of a second', async (t) => {
  const { timing, bus, open, show } = stand('ssd1306');
  const part = await open();
  const cost = async (lines: readonly string[]) => {
    const before = bus.octets;
    show(part, lines);
    await timing.run(300);
    return bus.octets - before;
  };
  await cost(TALKING);
  const second = await cost(['Talking         1:06', ...TALKING.slice(1)]);
  t.true(second <= 26, `${second} octets`);
  const whole = await cost(['Incoming call', 'Zoë Ångström', 'zoe@example.org', '']);
  t.true(whole < 1000, `${whole} octets`);
  t.is(await cost(['Incoming call', 'Zoë Ångström', 'zoe@example.org', '']), 0);
});

test('Never are two transfers under way, and pictures in between are left out', async (t) => {
  const { timing, bus, model, open, show } = stand('ssd1306');
  const part = await open();
  const before = bus.octets;
  for (let second = 0; second < 1000; second++) show(part, [`Talking ${second}`]);
  await timing.run(500);
  t.true(shows(model, ['Talking 999']));
  t.is(bus.overlaps, 0);
  t.true(bus.octets - before < 300, `${bus.octets - before}`);
});

test('A display that is pulled out is reported once; opened again it shows everything', async (t) => {
  const { timing, bus, model, failures, open, show } = stand('ssd1306');
  const part = await open();
  show(part, TALKING);
  await timing.run(500);
  bus.detach(ADDRESS);
  await timing.run(10_000);
  t.deepEqual(
    failures.map(({ code }) => code),
    ['NAK'],
    'found by looking, although nothing was shown',
  );
  t.is(part.status().state, 'failed');
  await timing.until(part.close());
  model.powerCycle();
  bus.attach(ADDRESS, model);
  show(await open(), TALKING);
  await timing.run(500);
  t.is(model.art, golden('talking_tall'));
});

test('A moment without power is found out within two seconds', async (t) => {
  const { timing, model, failures, open, show } = stand('ssd1306');
  show(await open(), TALKING);
  await timing.run(4500);
  model.powerCycle();
  t.is(model.art, '');
  await timing.run(2500);
  t.is(model.art, golden('talking_tall'));
  t.deepEqual(failures, []);
});

test('A refresh leaves the picture as it is at every moment', async (t) => {
  const { timing, model, open, show } = stand('ssd1306', { hertz: 400_000 });
  show(await open(), TALKING);
  await timing.run(59_000);
  for (let ms = 0; ms < 3000; ms += 3) {
    await timing.run(3);
    if (!shows(model, TALKING)) t.fail(`after ${ms} ms`);
  }
  t.pass();
});

test('Closing leaves it dark', async (t) => {
  const { timing, model, open, show } = stand('ssd1306');
  const part = await open();
  show(part, TALKING);
  await timing.run(10);
  await timing.until(part.close());
  t.is(model.art, '');
});

test('The model writes by pages, rows and columns as its data sheet says', (t) => {
  const model = new Ssd1306Model();
  const say = (...octets: number[]) => {
    model.start(false);
    for (const octet of octets) model.write(octet);
    model.stop();
  };
  say(0x00, 0xa1, 0xc8, 0x8d, 0x14, 0xaf, 0x20, 0x00, 0x21, 0, 127, 0x22, 0, 7);
  say(0x40, ...new Uint8Array(1024));
  t.is(model.art, '');
  say(0x00, 0x21, 4, 5, 0x22, 1, 2);
  say(0x40, 0x01, 0x02, 0x04, 0x08);
  t.deepEqual(
    [
      [4, 8],
      [5, 9],
      [4, 18],
      [5, 19],
    ].map(([x = 0, y = 0]) => model.lit(x, y)),
    [true, true, true, true],
    'horizontal addressing within a window',
  );
  say(0x00, 0x20, 0x01, 0x21, 8, 9, 0x22, 0, 1);
  say(0x40, 0x01, 0x02, 0x04, 0x08);
  t.deepEqual(
    [
      [8, 0],
      [8, 9],
      [9, 2],
      [9, 11],
    ].map(([x = 0, y = 0]) => model.lit(x, y)),
    [true, true, true, true],
    'vertical addressing',
  );
  say(0x80, 0x20, 0x80, 0x02, 0x80, 0xb7, 0x80, 0x0f, 0x80, 0x17, 0x40, 0x80, 0x01);
  t.true(model.lit(127, 63));
  t.true(model.lit(0, 56), 'page addressing comes back to its first column');
  t.deepEqual(model.violations, []);
  say(0x00, 0x81);
  say(0x00, 0xf0);
  say(0x13);
  t.is(model.violations.length, 3);
});
