/** The built firmware, its page in a real browser, and a tone that goes all the way: what a person does first. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { tonesOf } from '#media/tones_by_country.ts';
import { needing } from '../support/needs.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { toneIn } from '../support/wav_tone.ts';
import { CHROMIUM, launch, open } from './chromium.ts';

const withChromium = needing('chromium');

const COUNTRY = 'FR';
const DIAL_TONE = tonesOf(COUNTRY).dial.loop[0]?.hz[0];
/** No frequency of a dial tone and none of a key. */
const VOICE_HZ = 620;
const PEER_HZ = 1800;
const PORTS = { here: 15_610, there: 15_611 };

let browser: Browser;

test.before(async () => {
  if (CHROMIUM !== undefined) browser = await launch(VOICE_HZ);
});

test.after.always(async () => {
  await browser?.close();
});

interface Desk {
  readonly phone: PhoneProcess;
  /** As it was printed, with its token. */
  readonly url: string;
}

/** A phone whose handset is the browser's, until the test ends. */
async function desk(t: ExecutionContext): Promise<Desk> {
  const config = {
    country: COUNTRY,
    audio: { input: 'web', output: 'web' },
    net: { sipPort: PORTS.here, rtpPorts: '17600-17619' },
  };
  const phone = await PhoneProcess.start(scratch('whole'), config, ['--http', '127.0.0.1:0']);
  t.teardown(() => phone.stop());
  const url = await until('the address of the page', () => /http:\/\/[^\s"]+/.exec(phone.output)?.[0]);
  return { phone, url };
}

interface Heard {
  readonly hz: number;
  readonly db: number;
  readonly floor: number;
}

/** What the loudspeaker carries, as soon as it is a clear tone of `hz`. */
async function hears(page: Page, hz: number): Promise<Heard> {
  let last: Heard | undefined;
  return until(
    `${hz} Hz in the page's ear`,
    async () => {
      last = (await page.evaluate('window.dualtone?.ear()')) as Heard | undefined;
      return last && Math.abs(last.hz - hz) < 8 && last.db - last.floor > 40 && last;
    },
    5000,
    () => JSON.stringify(last),
  );
}

/** Mouth and ear, as soon as they are equally loud; what is measured is the last 170 ms of each. */
async function evenly(page: Page): Promise<{ readonly spoken: Heard; readonly heard: Heard }> {
  let last: readonly Heard[] = [];
  return until(
    'the ear is as loud as the mouth',
    async () => {
      last = await page.evaluate('[window.dualtone.mouth(), window.dualtone.ear()]');
      const [spoken, heard] = last;
      return spoken && heard && Math.abs(spoken.db - heard.db) < 0.5 && { spoken, heard };
    },
    5000,
    () => JSON.stringify(last),
  );
}

withChromium('dial tone, the echo test by the keys, and the own voice comes back', async (t) => {
  const { url } = await desk(t);
  await using context = await browser.newContext({ permissions: ['microphone'] });
  const { page, wrong } = await open(context, `${url}&measure`);
  await page.click('.hook');
  await hears(page, DIAL_TONE ?? 0);
  for (const key of '*41#') await page.click(`[data-key="${key}"]`);
  await page.locator('.line', { hasText: 'Echo test' }).waitFor();
  await hears(page, VOICE_HZ);
  const { spoken, heard } = await evenly(page);
  t.true(Math.abs(spoken.hz - VOICE_HZ) < 8, `the microphone hears ${spoken.hz} Hz`);
  t.true(Math.abs(heard.hz - VOICE_HZ) < 8, `the ear hears ${heard.hz} Hz`);
  await page.click('.hook');
  await page.locator('.phone[data-hook=on]').waitFor();
  await page.click('.hook');
  await hears(page, DIAL_TONE ?? 0);
  t.deepEqual(wrong, []);
});

withChromium('a call from the page to another phone: each hears the other', async (t) => {
  const { url } = await desk(t);
  const directory = scratch('whole-peer');
  const other = await PhoneProcess.start(directory, {
    name: 'Workshop',
    audio: { input: `tone:${PEER_HZ}`, output: `file:${join(directory, 'heard.wav')}` },
    net: { sipPort: PORTS.there, rtpPorts: '17620-17639' },
  });
  t.teardown(() => other.stop());
  await using context = await browser.newContext({ permissions: ['microphone'] });
  const { page, wrong } = await open(context, `${url}&measure`);
  await page.fill('.dial input', `sip:workshop@127.0.0.1:${PORTS.there}`);
  await page.click('.go');
  await other.call('ringing');
  t.is((await other.verb('answer')).code, 0);
  await page.locator('.call[data-state=talking]').waitFor();
  await hears(page, PEER_HZ);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await page.click('.end');
  await other.call('ended');
  const tone = toneIn(other.heard, VOICE_HZ);
  t.true(tone.seconds > 1, JSON.stringify(tone));
  const labels = await page.locator('.messages .label').allTextContents();
  for (const label of ['INVITE', 'ACK', 'BYE']) t.true(labels.includes(label), `the trace shows ${label}`);
  t.deepEqual(wrong, []);
});

/** Runs in a page: what a WebSocket and a request to the phone come to. */
function knock(phone: string): Promise<string[]> {
  const socket = new Promise<string>((resolve) => {
    const it = new WebSocket(`ws://${phone}/ws`);
    it.onopen = () => resolve('open');
    it.onerror = () => resolve('refused');
  });
  const read = fetch(`http://${phone}/`, { credentials: 'include' }).then(
    () => 'read',
    () => 'refused',
  );
  return Promise.all([socket, read]);
}

withChromium('a page of another origin cannot connect, although the browser knows the phone', async (t) => {
  const { url } = await desk(t);
  const phone = new URL(url).host;
  await using context = await browser.newContext();
  const { page: own } = await open(context, url);
  t.deepEqual(await own.evaluate(knock, phone), ['open', 'read']);
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>foreign</title>');
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const port = (server.address() as AddressInfo).port;
  for (const host of ['127.0.0.1', 'localhost']) {
    const foreign = await context.newPage();
    await foreign.goto(`http://${host}:${port}/`);
    t.deepEqual(await foreign.evaluate(knock, phone), ['refused', 'refused']);
  }
});
