/** The page in a real browser. */
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Browser } from 'playwright-core';
import { startWeb } from '#web/server.ts';
import { needing } from '../support/needs.ts';
import { buildPage, CHROMIUM, launch, open, TONE_HZ } from './chromium.ts';
import { CALL, FakeControl } from './fake_control.ts';
import { eventually, serve } from './support.ts';

const maybe = needing('chromium');

let browser: Browser;
let pageDir: string;

test.before(async () => {
  if (CHROMIUM !== undefined) [browser, pageDir] = await Promise.all([launch(), buildPage()]);
});

test.after.always(async () => {
  await browser?.close();
});

maybe('the page opens by its address and hides the token', async (t) => {
  const { url, port } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page, wrong } = await open(context, url);
  t.is(page.url(), `http://127.0.0.1:${port}/`);
  t.is(await page.title(), 'Dualtone');
  t.is(await page.locator('.extension').textContent(), '204');
  t.deepEqual(wrong, []);
  const [cookie] = await context.cookies();
  t.like(cookie, { httpOnly: true, sameSite: 'Strict', path: '/' });
  t.is(await page.evaluate('document.cookie'), '');
  await page.reload();
  await page.waitForSelector('[data-link=open]');
});

maybe('keys by mouse are down as long as they are held', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page } = await open(context, url);
  await page.hover('[data-key="5"]');
  await page.mouse.down();
  await eventually(() => control.operated.length === 1);
  await page.mouse.move(5, 5);
  await page.mouse.up();
  await eventually(() => control.operated.length === 2);
  t.deepEqual(control.operated, [
    { kind: 'key', key: '5', down: true },
    { kind: 'key', key: '5', down: false },
  ]);
});

maybe('function keys are pressed by mouse, by their letters and by Tab, and show their lamp', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext({ permissions: ['microphone'] });
  const { page, wrong } = await open(context, url);
  await page.click('[data-function="mute"]');
  for (const key of ['r', 'H', 'b']) await page.keyboard.press(key);
  await page.focus('[data-function="messages"]');
  await page.keyboard.press('Enter');
  await eventually(() => control.operated.length === 10);
  const pressed = ['mute', 'redial', 'hold', 'phone-book', 'messages'].flatMap((key) => [
    { kind: 'function', key, down: true },
    { kind: 'function', key, down: false },
  ]);
  t.deepEqual(control.operated as readonly unknown[], pressed);
  t.is(await page.getAttribute('[data-function="mute"]', 'aria-pressed'), 'false');
  control.show({ lamps: { mute: 'on' } });
  await page.waitForSelector('[data-function="mute"][aria-pressed="true"]');
  t.is(await page.getAttribute('[data-function="redial"]', 'aria-pressed'), null);
  t.deepEqual(wrong, []);
});

maybe("the keyboard is the phone's keypad, hook, volume and flash", async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext({ permissions: ['microphone'] });
  const { page } = await open(context, url);
  // A clicked button must not swallow the next Space.
  await page.click('[data-key="1"]');
  for (const key of ['0', '9', '*', '#', '+', '-', 'f', 'Backspace', 'Enter', 'x', 'Control+2', 'Space']) {
    await page.keyboard.press(key);
  }
  await page.waitForSelector('.phone[data-hook=off]');
  await page.keyboard.press('Space');
  await page.waitForSelector('.phone[data-hook=on]');
  const keys = [...'109*#'].flatMap((key) => [
    { kind: 'key', key, down: true },
    { kind: 'key', key, down: false },
  ]);
  t.deepEqual(control.operated as readonly unknown[], [
    ...keys,
    { kind: 'volume', step: 1 },
    { kind: 'volume', step: -1 },
    { kind: 'flash' },
    { kind: 'hook', state: 'off' },
    { kind: 'hook', state: 'on' },
  ]);
});

maybe('who walks with Tab presses keys with Enter and Space', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page } = await open(context, url);
  await page.focus('[data-key="7"]');
  await page.keyboard.press('Space');
  await eventually(() => control.operated.length === 2);
  await page.keyboard.press('Enter');
  await eventually(() => control.operated.length === 4);
  t.deepEqual(
    control.operated.map((event) => (event.kind === 'key' ? [event.key, event.down] : [])),
    [
      ['7', true],
      ['7', false],
      ['7', true],
      ['7', false],
    ],
  );
});

maybe('a dialled address reaches the phone, a refusal the person', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page } = await open(context, url);
  await page.fill('.dial input', 'sip:bob@[2001:db8::1] ');
  await page.keyboard.press('Enter');
  await eventually(() => control.dialled.length === 1);
  t.deepEqual(control.dialled, ['sip:bob@[2001:db8::1]']);
  t.deepEqual(control.operated, []);
  control.refuses = 'No account can dial this.';
  await page.fill('.dial input', '0');
  await page.click('.go');
  t.is(await page.locator('.dial [role=alert]').textContent(), 'No account can dial this.');
});

maybe('the display shows four lines of twenty and is read aloud', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page } = await open(context, url);
  control.show({
    lines: ['Incoming call', 'a name much longer than the display', '', 'Lift', 'no'],
    lamps: { status: 'slow' },
  });
  await page.getByText('Lift', { exact: true }).first().waitFor();
  t.deepEqual(await page.locator('.line').allTextContents(), [
    'Incoming call',
    'a name much longer t',
    '',
    'Lift',
  ]);
  await page.locator('[role=status][aria-label=Display]', { hasText: 'Incoming call. a name' }).waitFor();
  t.is(await page.locator('.lamp').getAttribute('data-pattern'), 'slow');
});

const HOSTILE = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';

maybe('hostile names are text, wherever they stand', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page, wrong } = await open(context, url);
  control.show({ lines: [HOSTILE, HOSTILE, HOSTILE, HOSTILE], lamps: { [HOSTILE]: 'on' } });
  control.report({
    extension: HOSTILE,
    calls: [
      { ...CALL, name: HOSTILE, peer: 'sip:mallory@example.test' },
      { ...CALL, id: 'c2', state: 'ended', cause: HOSTILE },
    ],
  });
  control.pass(`INVITE ${HOSTILE.replaceAll(' ', '')} SIP/2.0\r\nFrom: ${HOSTILE}\r\n\r\n`);
  await page.locator('.peer', { hasText: HOSTILE }).waitFor();
  await page.locator('.call', { hasText: 'sip:mallory@example.test' }).waitFor();
  await page.click('.messages summary');
  await page.locator('.messages pre', { hasText: HOSTILE }).waitFor();
  t.is(await page.locator('.extension').textContent(), HOSTILE);
  t.is(await page.locator('.line').first().textContent(), HOSTILE.slice(0, 20));
  t.is(await page.locator('#page img, #page script').count(), 0);
  t.is(await page.evaluate('window.owned'), undefined);
  t.deepEqual(wrong, []);
});

maybe('the trace can be read, paused and cleared', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page } = await open(context, url);
  const lines = page.locator('.messages li');
  control.pass('OPTIONS sip:one@x SIP/2.0\r\nCall-ID: 1\r\n\r\n');
  await lines.first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  control.pass('SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n', 'out');
  await page.getByRole('button', { name: 'Resume (1 new)' }).click();
  await lines.nth(1).waitFor();
  t.regex((await lines.nth(1).textContent()) ?? '', /→.*200.*OK · OPTIONS.*UDP/);
  await page.getByRole('button', { name: 'Clear' }).click();
  await lines.first().waitFor({ state: 'detached' });
  t.is(await lines.count(), 0);
});

maybe("the microphone's tone reaches the phone, and its echo the ear", async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext({ permissions: ['microphone'] });
  const { page, wrong } = await open(context, `${url}&measure`);
  t.is(control.attached, 0);
  await page.click('.hook');
  await eventually(() => control.deliver !== undefined);
  let echoed = 0;
  const echo = setInterval(() => {
    for (; echoed < control.mouth.length; echoed++)
      control.deliver?.(control.mouth[echoed] ?? new Int16Array(160));
  }, 5);
  t.teardown(() => clearInterval(echo));
  await eventually(() => control.mouth.length > 75, 8000);
  const peaks = await page.evaluate('[window.dualtone.mouth(), window.dualtone.ear()]');
  for (const { hz, db, floor } of peaks as { hz: number; db: number; floor: number }[]) {
    t.true(Math.abs(hz - TONE_HZ) < 8, `${hz} Hz`);
    t.true(db - floor > 40, `${db} dB over ${floor} dB`);
  }
  const loudest = Math.max(...control.mouth.slice(40).flatMap((frame) => [...frame]));
  t.true(loudest > 8000 && loudest < 20_000, `${loudest}`);
  await page.click('.hook');
  await eventually(() => control.detached === 1);
  t.deepEqual(wrong, []);
});

maybe('a refused microphone is explained and the ear still works', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext({ permissions: [] });
  const { page } = await open(context, url);
  await page.click('.hook');
  const notice = page.locator('.notice[role=alert]');
  await notice.waitFor();
  t.regex((await notice.textContent()) ?? '', /may not give the microphone.*Allow it.*You can hear/);
  t.truthy(control.deliver);
  t.is(control.mouth.length, 0);
});

maybe('a second page takes the sound over and the first offers to take it back', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext({ permissions: ['microphone'] });
  const { page: first } = await open(context, url);
  await first.click('.hook');
  await eventually(() => control.attached === 1);
  const { page: second } = await open(context, url);
  await second.getByRole('button', { name: 'Talk here' }).click();
  await eventually(() => control.attached === 2);
  await first.locator('.notice', { hasText: 'Another page has the sound now.' }).waitFor();
  await first.getByRole('button', { name: 'Talk here' }).click();
  await eventually(() => control.attached === 3 && control.detached === 2);
  t.pass();
});

maybe('a ringing phone asks for the gesture that lets its bell be heard', async (t) => {
  const { url, control } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page, wrong } = await open(context, url);
  control.show({ bell: [1000, 4000] });
  const hint = page.getByText('Click anywhere to hear the bell.');
  await hint.waitFor();
  await page.mouse.click(5, 5);
  await hint.waitFor({ state: 'detached' });
  t.is(await page.locator('.hook').getAttribute('aria-label'), 'Answer');
  t.deepEqual(wrong, []);
});

maybe('a page of another origin cannot use the phone', async (t) => {
  const { url, port, control } = await serve(t, pageDir);
  const phone = `127.0.0.1:${port}`;
  const asset = readdirSync(join(pageDir, 'assets')).find((name) => name.endsWith('.js'));
  const other = await foreignSite(
    t,
    `
    <script src="http://${phone}/assets/${asset}" onload="window.script='loaded'" onerror="window.script='refused'">
    </script>
    <iframe src="http://${phone}/"></iframe>`,
  );
  await using context = await browser.newContext();
  const { page: own } = await open(context, url);
  t.deepEqual(await own.evaluate(knock, phone), ['open', 'read'], "the phone's own page can");
  await own.close();
  await eventually(() => control.listeners.size === 0);
  for (const host of ['127.0.0.1', 'localhost']) {
    const page = await context.newPage();
    await page.goto(`http://${host}:${other}/`);
    t.deepEqual(await page.evaluate(knock, phone), ['error', 'refused']);
    t.is(await page.evaluate('window.script'), 'refused');
    t.is(await page.frames()[1]?.locator('#page').count(), 0);
    t.is(control.listeners.size, 0);
    await page.close();
  }
  t.deepEqual([control.operated, control.dialled], [[], []]);
});

/** A second, real web server of this machine; returns its port. */
async function foreignSite(t: ExecutionContext, html: string): Promise<number> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>foreign</title>${html}`);
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

/** Runs in a page whose browser has the phone's cookie. */
function knock(phone: string): Promise<string[]> {
  const socket = new Promise<string>((resolve) => {
    const it = new WebSocket(`ws://${phone}/ws`);
    it.onopen = () => resolve('open');
    it.onerror = () => resolve('error');
  });
  const read = fetch(`http://${phone}/`, { credentials: 'include' }).then(
    () => 'read',
    () => 'refused',
  );
  return Promise.all([socket, read]);
}

maybe('after a new start the page asks for the new address', async (t) => {
  const { url, port, close } = await serve(t, pageDir);
  await using context = await browser.newContext();
  const { page } = await open(context, url);
  await close();
  await page.waitForSelector('[data-link=lost]');
  const again = await startWeb({ control: new FakeControl(), http: { host: '127.0.0.1', port }, pageDir });
  t.teardown(() => again.close());
  await page.waitForSelector('[data-link=expired]');
  t.regex((await page.locator('.link').textContent()) ?? '', /Open the address that it printed/);
});

for (const width of [320, 390, 820, 1280]) {
  maybe(`the page fits a screen of ${width} pixels`, async (t) => {
    const { url, control } = await serve(t, pageDir);
    control.report({ calls: [{ ...CALL, peer: `sip:${'x'.repeat(200)}@example.test` }] });
    control.pass(`INVITE sip:${'x'.repeat(300)} SIP/2.0\r\nX: ${'y'.repeat(300)}\r\n\r\n`);
    await using context = await browser.newContext({ viewport: { width, height: 700 }, colorScheme: 'dark' });
    const { page } = await open(context, url);
    await page.click('.messages summary');
    await page.waitForSelector('.messages pre');
    t.is(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
    for (const control of await page.locator('button, input').all()) {
      const box = await control.boundingBox();
      t.true((box?.height ?? 0) >= 32, 'big enough for a finger');
    }
  });
}
