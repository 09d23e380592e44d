/** The settings as people meet them who see, hear or hold them otherwise: axe in every section, and small screens. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { needing } from '../../support/needs.ts';
import { buildPage, CHROMIUM, launch } from '../chromium.ts';
import { CALL } from '../fake_control.ts';
import type { FakeAdmin } from './fake_admin.ts';
import { PASSWORD, serve } from './support.ts';

const withChromium = needing('chromium');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SECTIONS = [
  ...['Status', 'Accounts', 'Network', 'Neighbours', 'Calls'],
  ...['Trace', 'Log', 'Self-test', 'Configuration', 'Owner'],
];
const LONG = 'x'.repeat(120);

let browser: Browser;
let pageDir: string;

test.before(async () => {
  if (CHROMIUM !== undefined) [browser, pageDir] = await Promise.all([launch(), buildPage()]);
});

test.after.always(async () => {
  await browser?.close();
});

/** Something to see in each section. */
function furnish(control: FakeAdmin): void {
  const { network } = control.phone.status();
  const sixbed4 = {
    ...network.sixbed4,
    state: 'up' as const,
    address: '2001:db8::bed',
    router: '192.0.2.1:25790',
  };
  control.phone.report({
    calls: [CALL, { ...CALL, id: 'c2', state: 'ended', direction: 'out', cause: 'nobody answered' }],
    hardware: [
      { part: 'keypad', state: 'ok', driver: 'gpio', note: '' },
      { part: 'display', state: 'failed', driver: 'hd44780', note: `no answer ${LONG}` },
      { part: 'headset', state: 'absent', driver: '', note: '' },
    ],
    network: { ...network, sixbed4, preference: [{ destination: 'pbx.example.test', p: 0.8, failing: [4] }] },
  });
  control.neighbour = { ...control.neighbour, trust: 'another key than before', changed: { fp: LONG } };
  for (let i = 0; i < 60; i++) {
    control.phone.pass(
      `INVITE sip:${LONG}@example.test SIP/2.0\r\nSubject: ${LONG}\r\n\r\n`,
      i % 2 ? 'in' : 'out',
    );
    control.phone.pass('SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n');
    control.say({ level: (['info', 'warn', 'error'] as const)[i % 3] ?? 'info', text: `${i} ${LONG}` });
  }
}

async function visit(t: ExecutionContext, width: number, colorScheme: 'light' | 'dark') {
  const { admin, control } = await serve(t, { pageDir });
  furnish(control);
  // axe is put in from outside, which the page's policy would forbid.
  const context = await browser.newContext({
    ...{ ignoreHTTPSErrors: true, bypassCSP: true, colorScheme, reducedMotion: 'reduce' },
    viewport: { width, height: 800 },
  });
  t.teardown(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(admin.url);
  await page.getByText('The phone shows a PIN now').waitFor();
  return { page, control };
}

async function claim(page: Page, control: FakeAdmin): Promise<void> {
  await page.getByLabel('PIN').fill(control.pin);
  await page.getByLabel('A password of your own').fill(PASSWORD);
  await page.getByRole('button', { name: 'Claim the phone' }).click();
  await page.locator('.link[data-link=open]').waitFor();
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Serious and critical faults, in words. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations, passes } = (await page.evaluate('axe.run(document)')) as {
    violations: readonly Violation[];
    passes: readonly unknown[];
  };
  if (passes.length < 10) throw new Error('axe has hardly looked');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** What is more to do in a section than to look at it. */
const DEEDS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  Accounts: async (page) => {
    await page.getByRole('button', { name: 'Remove alice@pbx.example.test' }).click();
    await page.getByRole('alertdialog').waitFor();
    await page.getByRole('button', { name: 'Add an account' }).click();
    await page.getByLabel('User').fill('bob');
    await page.getByLabel('Domain').fill('no domain');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('[aria-invalid=true]').waitFor();
  },
  Trace: (page) => page.locator('.messages summary').first().click(),
  'Self-test': async (page) => {
    await page.getByRole('button', { name: 'Run the self-test' }).click();
    await page.getByText('Failed:').waitFor();
  },
  Configuration: async (page) => {
    await page.locator('textarea').fill('name: 7\n');
    await page.locator('.findings .fault').waitFor();
  },
  Owner: async (page) => {
    await page.getByRole('button', { name: 'Reset the phone' }).click();
    await page.getByRole('alertdialog').waitFor();
  },
};

for (const width of [390, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    withChromium(`axe finds no serious fault anywhere, ${colorScheme}, ${width} pixels wide`, async (t) => {
      const { page, control } = await visit(t, width, colorScheme);
      t.deepEqual(await faults(page), [], 'the door of an unclaimed telephone');
      await page.getByLabel('PIN').fill('1');
      await page.getByLabel('A password of your own').fill(PASSWORD);
      await page.getByRole('button', { name: 'Claim the phone' }).click();
      await page.getByRole('alert').waitFor();
      t.deepEqual(await faults(page), [], 'a wrong PIN');
      await claim(page, control);
      for (const section of SECTIONS) {
        await page.getByRole('navigation').getByRole('link', { name: section }).click();
        await page.getByRole('heading', { name: section, level: 2 }).waitFor();
        t.deepEqual(await faults(page), [], section);
        await DEEDS[section]?.(page);
        if (section in DEEDS)
          t.deepEqual(await faults(page), [], `${section}, when something was done there`);
      }
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      t.deepEqual(await faults(page), [], 'the door of a claimed telephone');
    });
  }
}

for (const width of [320, 390, 820]) {
  withChromium(`every section fits a screen of ${width} pixels, and fingers its buttons`, async (t) => {
    const { page, control } = await visit(t, width, 'dark');
    t.is(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, 'the door');
    await claim(page, control);
    for (const section of SECTIONS) {
      await page.getByRole('navigation').getByRole('link', { name: section }).click();
      await page.getByRole('heading', { name: section, level: 2 }).waitFor();
      await DEEDS[section]?.(page);
      t.is(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, section);
      for (const button of await page
        .locator('button:visible, .settings a:visible, input:visible:not([type=checkbox])')
        .all()) {
        t.true(
          ((await button.boundingBox())?.height ?? 0) >= 32,
          `${section}: ${await button.textContent()}`,
        );
      }
    }
  });
}
