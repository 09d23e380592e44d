/** Debian's chromium with a tone for a microphone, and the page built for it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { whereIs } from '../support/programs.ts';

/** Undefined: not installed. */
export const CHROMIUM = whereIs('chromium');

/** What chromium's microphone hears unless told otherwise. */
export const TONE_HZ = 941;

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-first-run',
  '--use-fake-device-for-media-stream',
];

export async function buildPage(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'dualtone-built-'));
  const configFile = new URL('../../firmware/web/page/vite.config.ts', import.meta.url).pathname;
  await build({ configFile, logLevel: 'error', build: { outDir } });
  return outDir;
}

/** `hz`: what its microphone hears, a whole number, for the file is one second long and played round and round. */
export async function launch(hz = TONE_HZ): Promise<Browser> {
  const file = join(mkdtempSync(join(tmpdir(), 'dualtone-tone-')), 'tone.wav');
  writeFileSync(file, toneFile(hz));
  const args = [...QUIET, `--use-file-for-fake-audio-capture=${file}`];
  return await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args, timeout: 30_000 });
}

/** Opens the page and waits until it talks to its phone; `wrong` collects what the browser complains about. */
export async function open(
  context: BrowserContext,
  url: string,
): Promise<{ readonly page: Page; readonly wrong: string[] }> {
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
  });
  await page.goto(url);
  await page.waitForSelector('[data-link=open]');
  return { page, wrong };
}

/** One second of a sine at half of full scale: WAV, 48 kHz, mono, 16 bit. */
function toneFile(hz: number): Buffer {
  const rate = 48_000;
  const file = Buffer.alloc(44 + 2 * rate);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * rate, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(2 * rate, 40);
  for (let i = 0; i < rate; i++) {
    file.writeInt16LE(Math.round(16_384 * Math.sin((2 * Math.PI * hz * i) / rate)), 44 + 2 * i);
  }
  return file;
}
