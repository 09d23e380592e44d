/** The settings in a real browser: opened, claimed and walked through. */
import test, { type ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { needing } from '../../support/needs.ts';
import { said } from '../../support/secrets.ts';
import { buildPage, CHROMIUM, launch } from '../chromium.ts';
import { PASSWORD, type Served, serve } from './support.ts';

export const withChromium = needing('chromium');

let browser: Browser;
let pageDir: string;

test.before(async () => {
  if (CHROMIUM !== undefined) [browser, pageDir] = await Promise.all([launch(), buildPage()]);
});

/** As Vite built it. */
export const builtPage = (): string => pageDir;

test.after.always(async () => {
  await browser?.close();
});

export interface Open {
  readonly page: Page;
  /** What the browser complained about. */
  readonly wrong: string[];
}

/** Opens an address as somebody who took our certificate by hand; until the test ends. */
export async function open(
  t: ExecutionContext,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Open> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  t.teardown(async () => {
    said('the admin page in a browser', await page.content().catch(() => ''));
    await context.close();
  });
  page.setDefaultTimeout(15_000);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    const isRefusal = /the server responded with a status of (?:403|422|429)/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isRefusal) wrong.push(message.text());
  });
  await page.goto(url);
  return { page, wrong };
}

/** The PIN as soon as the telephone shows it. */
export async function claim(page: Page, pin: () => string | undefined): Promise<void> {
  await page.getByText('The phone shows a PIN now').waitFor();
  await page.getByLabel('PIN').fill(pin() ?? '');
  await page.getByLabel('A password of your own').fill(PASSWORD);
  await page.getByRole('button', { name: 'Claim the phone' }).click();
  await page.locator('.link[data-link=open]').waitFor();
}

export async function owned(
  t: ExecutionContext,
  options: BrowserContextOptions = {},
): Promise<Served & Open> {
  const served = await serve(t, { pageDir });
  const opened = await open(t, served.admin.url, options);
  await claim(opened.page, () => served.control.pin);
  return { ...served, ...opened };
}

export const go = (page: Page, section: string) =>
  page.getByRole('navigation').getByRole('link', { name: section }).click();
