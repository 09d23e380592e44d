/** What goes over a page's WebSocket. */
import test from 'ava';
import { MESSAGE_OCTETS, PAGES, RATES } from '#web/limits.ts';
import { cookie, eventually, get, Page, serve } from './support.ts';

const VIOLATION = 1008;
const TOO_BIG = 1009;
const TRY_LATER = 1013;

const kinds = (page: Page) => page.messages.map((message) => message.kind);
const frameOf = (value: number) => Buffer.from(new Int16Array(160).fill(value).buffer);

test('a new page is told what stands on the phone, its state and the trace so far', async (t) => {
  const { port, control } = await serve(t);
  control.pass('OPTIONS sip:x SIP/2.0\r\n\r\n');
  const page = await new Page(port).opened();
  await page.until(() => page.messages.length >= 3);
  t.deepEqual(page.messages, [
    { kind: 'front', front: JSON.parse(JSON.stringify(control.front())) },
    { kind: 'status', status: JSON.parse(JSON.stringify(control.status())) },
    { kind: 'trace', entry: control.entries[0] },
  ]);
});

test('news reach every open page', async (t) => {
  const { port, control } = await serve(t);
  const pages = await Promise.all([new Page(port).opened(), new Page(port).opened()]);
  for (const page of pages) await page.until(() => page.messages.length >= 2);
  control.show({ lines: ['Incoming call'] });
  control.report({ extension: '207' });
  control.pass('BYE sip:x SIP/2.0\r\n\r\n');
  for (const page of pages) {
    await page.until(() => page.messages.length >= 5);
    t.deepEqual(kinds(page).slice(2).sort(), ['front', 'status', 'trace']);
  }
});

test('many changes at once are one message with the last of them', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  await page.until(() => page.messages.length >= 2);
  for (let i = 0; i < 50; i++) control.show({ lines: [`line ${i}`] });
  control.pass('the end\r\n\r\n');
  await page.until(() => kinds(page).slice(2).includes('front') && kinds(page).includes('trace'));
  const fronts = page.messages.slice(2).filter((message) => message.kind === 'front');
  t.is(fronts.length, 1);
  t.like(fronts[0], { front: { lines: ['line 49'] } });
});

test('what a person does reaches the phone', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  const events = [
    { kind: 'hook', state: 'off' },
    { kind: 'key', key: '#', down: true },
    { kind: 'key', key: '#', down: false },
    { kind: 'flash' },
    { kind: 'volume', step: -1 },
    { kind: 'hook', state: 'on' },
  ] as const;
  for (const event of events) page.say(event);
  page.say({ kind: 'dial', number: ' sip:bob@[2001:db8::1] ' });
  page.say({ kind: 'hangup' });
  await eventually(() => control.hungUp === 1);
  t.deepEqual(control.operated, [...events]);
  t.deepEqual(control.dialled, ['sip:bob@[2001:db8::1]']);
});

test('a wish that cannot be granted is answered with the reason', async (t) => {
  const { port, control } = await serve(t);
  control.refuses = 'A call is ringing.';
  const page = await new Page(port).opened();
  page.say({ kind: 'dial', number: '100' });
  page.say({ kind: 'hook', state: 'off' });
  await page.until(() => kinds(page).filter((kind) => kind === 'refused').length === 2);
  t.like(page.messages.at(-1), { kind: 'refused', reason: 'A call is ringing.' });
});

test('keys that a vanished page held down come up', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  page.say({ kind: 'key', key: '5', down: true });
  await eventually(() => control.operated.length === 1);
  page.socket.terminate();
  await eventually(() => control.operated.length === 2);
  t.deepEqual(control.operated.at(-1), { kind: 'key', key: '5', down: false });
  t.is(control.listeners.size, 0);
});

const NOT_MESSAGES: readonly unknown[] = [
  'no JSON',
  'null',
  '[]',
  '{}',
  { kind: 'reboot' },
  { kind: 'key', key: 'A', down: true },
  { kind: 'key', key: '12', down: true },
  { kind: 'key', key: '1', down: 1 },
  { kind: 'key', key: '1' },
  { kind: 'hook', state: 'up' },
  { kind: 'volume', step: 100 },
  { kind: 'volume', step: '1' },
  { kind: 'dial', number: '' },
  { kind: 'dial', number: '   ' },
  { kind: 'dial', number: 'x'.repeat(257) },
  { kind: 'dial', number: 'a\r\nVia: b' },
  { kind: 'dial', number: ['1'] },
  { kind: 'sound', on: 'yes' },
  { kind: 'flash', extra: 1 },
];

test('what is no message of the page closes the connection and does nothing', async (t) => {
  const { port, control } = await serve(t);
  for (const message of NOT_MESSAGES) {
    const page = await new Page(port).opened();
    page.say(message);
    t.is(await page.closed, VIOLATION, JSON.stringify(message));
  }
  t.deepEqual([control.operated, control.dialled, control.hungUp, control.attached], [[], [], 0, 0]);
});

test('a message beyond 4 KiB closes the connection', async (t) => {
  const { port } = await serve(t);
  const page = await new Page(port).opened();
  page.say(`{"kind":"flash"}${' '.repeat(MESSAGE_OCTETS)}`);
  t.is(await page.closed, TOO_BIG);
});

test('more messages than fingers can make close the connection', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  for (let i = 0; i < 2 * RATES.messages.atOnce; i++) page.say({ kind: 'flash' });
  t.is(await page.closed, VIOLATION);
  t.true(control.operated.length < 1.5 * RATES.messages.atOnce);
});

test('more sound than time has closes the connection', async (t) => {
  const { port } = await serve(t);
  const page = await new Page(port).opened();
  for (let i = 0; i < 2 * RATES.frames.atOnce; i++) page.socket.send(frameOf(0));
  t.is(await page.closed, VIOLATION);
});

test('the ninth page is turned away and says so', async (t) => {
  const { port, control } = await serve(t);
  const pages = Array.from({ length: PAGES }, () => new Page(port));
  await Promise.all(pages.map((page) => page.opened()));
  t.is(await new Page(port).closed, TRY_LATER);
  pages[0]?.socket.terminate();
  await pages[0]?.closed;
  await eventually(() => control.listeners.size === PAGES - 1);
  const again = await new Page(port).opened();
  t.is(again.messages[0]?.kind, 'front');
});

test('sound flows both ways, frame by frame', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  page.say({ kind: 'sound', on: true });
  await eventually(() => control.deliver !== undefined);
  const frame = Int16Array.from({ length: 160 }, (_, i) => i * 400 - 32_000);
  control.deliver?.(frame);
  // The engine uses its frame again at once.
  const sent = frame.slice();
  frame.fill(0);
  await page.until(() => page.frames.length === 1);
  t.deepEqual(page.frames[0], Buffer.from(sent.buffer));
  page.socket.send(Buffer.from(sent.buffer));
  await eventually(() => control.mouth.length === 1);
  t.deepEqual(control.mouth[0], sent);
});

test('a frame of another size closes the connection', async (t) => {
  const { port, control } = await serve(t);
  for (const octets of [0, 1, 319, 321, 640]) {
    const page = await new Page(port).opened();
    page.say({ kind: 'sound', on: true });
    page.socket.send(Buffer.alloc(octets));
    t.is(await page.closed, VIOLATION, `${octets} octets`);
  }
  t.is(control.mouth.length, 0);
});

test('a newer page takes the sound over and the older is told', async (t) => {
  const { port, control } = await serve(t);
  const older = await new Page(port).opened();
  older.say({ kind: 'sound', on: true });
  await eventually(() => control.attached === 1);
  const newer = await new Page(port).opened();
  newer.say({ kind: 'sound', on: true });
  await older.until(() => kinds(older).includes('sound'));
  t.like(older.messages.at(-1), { kind: 'sound', on: false });
  t.deepEqual([control.attached, control.detached], [2, 1]);
  older.socket.send(frameOf(1));
  newer.socket.send(frameOf(2));
  control.deliver?.(new Int16Array(160));
  await newer.until(() => newer.frames.length === 1);
  await eventually(() => control.mouth.length === 1);
  t.is(control.mouth[0]?.[0], 2);
  t.is(older.frames.length, 0);
});

test('sound ends with the page that had it', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  page.say({ kind: 'sound', on: true });
  page.say({ kind: 'sound', on: true });
  await eventually(() => control.attached === 1);
  page.socket.close();
  await eventually(() => control.detached === 1);
  t.is(control.deliver, undefined);
});

test('a page that does not read loses sound, not the phone its memory', async (t) => {
  const { port, control } = await serve(t);
  const page = await new Page(port).opened();
  page.say({ kind: 'sound', on: true });
  await eventually(() => control.deliver !== undefined);
  page.socket.pause();
  const frame = new Int16Array(160);
  // More than the kernel's buffers of a loopback connection hold.
  for (let i = 0; i < 40_000; i++) {
    control.deliver?.(frame);
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  page.socket.resume();
  control.pass('the end\r\n\r\n');
  await page.until(() => kinds(page).includes('trace'));
  t.true(page.frames.length < 40_000, `${page.frames.length} frames arrived`);
});

test('switching off says goodbye to the pages and frees the port', async (t) => {
  const { port, control, close } = await serve(t);
  const page = await new Page(port).opened();
  const before = performance.now();
  await close();
  t.is(await page.closed, 1001);
  t.true(performance.now() - before < 1000);
  t.is(control.listeners.size, 0);
  await t.throwsAsync(get(port, '/', cookie(port)), { code: 'ECONNREFUSED' });
});
