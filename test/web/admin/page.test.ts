/** The settings in a real browser: claimed by the PIN, an account that registers, a trace that tshark reads, who stays out. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { startWeb } from '#web/server.ts';
import { startKamailio } from '../../interop/peers/kamailio.ts';
import { needing } from '../../support/needs.ts';
import { scratch } from '../../support/phone_process.ts';
import { CALL, FakeControl } from '../fake_control.ts';
import { builtPage, claim, go, open, owned, withChromium } from './browser.ts';
import { RealPhone } from './real_phone.ts';
import { PASSWORD, serve } from './support.ts';

const run = promisify(execFile);
const withAll = needing('chromium', 'kamailio', 'tshark');
const PBX = 15_460;
const PHONE = 15_461;

withAll('claimed by the PIN, an account is added and registers, and tshark reads the trace', async (t) => {
  const directory = scratch('admin-page');
  const kamailio = await startKamailio({ directory, port: PBX });
  t.teardown(() => kamailio.stop());
  const phone = await RealPhone.start(t, PHONE);
  const { admin } = await serve(t, { pageDir: builtPage(), control: phone });
  const { page, wrong } = await open(t, admin.url);
  await claim(page, () => phone.shown?.pin);
  t.is(phone.shown, undefined);

  await go(page, 'Accounts');
  await page.getByRole('button', { name: 'Add an account' }).click();
  await page.getByLabel('User').fill('alice');
  await page.getByLabel('Domain').fill('pbx.test');
  await page.getByLabel('Password (optional)', { exact: true }).fill('s3cret');
  await page.getByLabel('Outbound proxy').fill(`sip:127.0.0.1:${PBX};transport=udp;lr`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The account is added.').waitFor();
  await page.locator('.cards .dot[data-state=registered]').waitFor();
  t.regex((await page.locator('.cards li').textContent()) ?? '', /alice@pbx\.test.*registered · IPv4 · UDP/);

  await go(page, 'Trace');
  await page.locator('.messages .label', { hasText: '200' }).first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Save as pcapng' }).click(),
  ]);
  t.is(download.suggestedFilename(), 'dualtone.pcapng');
  const file = join(mkdtempSync(join(tmpdir(), 'dualtone-download-')), 'trace.pcapng');
  await download.saveAs(file);
  const { stdout } = await run('tshark', [
    '-r',
    file,
    '-T',
    'fields',
    '-e',
    'sip.Method',
    '-e',
    'sip.Status-Code',
    '-e',
    'sip.auth.digest.response',
  ]);
  const lines = stdout.split('\n');
  t.true(
    lines.some((line) => line.startsWith('REGISTER\t\t"***"')),
    stdout,
  );
  t.true(
    lines.some((line) => line.startsWith('\t401')) && lines.some((line) => line.startsWith('\t200')),
    stdout,
  );
  t.notRegex(readFileSync(file, 'latin1'), /s3cret|response="[\da-f]{32}/);

  await go(page, 'Configuration');
  await page.locator('textarea').waitFor();
  t.regex(await page.locator('textarea').inputValue(), /user: alice[\s\S]*password: "\*{8}"/);
  t.false((await page.content()).includes('s3cret'));
  t.deepEqual(wrong, []);
});

withChromium('a wrong PIN locks out, for longer each time, and says for how long', async (t) => {
  const served = await serve(t, { pageDir: builtPage() });
  const { page, wrong } = await open(t, served.admin.url);
  await page.getByText('The phone shows a PIN now').waitFor();
  await page.getByLabel('PIN').fill('0000');
  await page.getByLabel('A password of your own').fill(PASSWORD);
  const button = page.getByRole('button', { name: 'Claim the phone' });
  for (let i = 0; i < 3; i++) {
    await button.click();
    await page.getByRole('alert').filter({ hasText: 'This is not the PIN.' }).waitFor();
    t.false(await button.isDisabled());
  }
  await button.click();
  await page.getByRole('alert').filter({ hasText: 'Wait 2 seconds before the next try.' }).waitFor();
  t.true(await button.isDisabled());
  await page.getByLabel('PIN').fill(served.control.pin);
  await page.locator('button.go:enabled').waitFor();
  await button.click();
  await page.getByRole('alert').filter({ hasText: 'Wrong too often.' }).waitFor();
  served.pass(2000);
  await page.locator('button.go:enabled').waitFor();
  await button.click();
  await page.getByRole('navigation').waitFor();
  t.deepEqual(wrong, []);
});

withChromium('a password that will not do is said so, and the PIN is still good', async (t) => {
  const served = await serve(t, { pageDir: builtPage() });
  const { page } = await open(t, served.admin.url);
  await page.getByText('The phone shows a PIN now').waitFor();
  await page.getByLabel('PIN').fill(served.control.pin);
  await page.getByLabel('A password of your own').fill('short');
  await page.getByRole('button', { name: 'Claim the phone' }).click();
  await page.getByRole('alert').filter({ hasText: 'at least 12 characters' }).waitFor();
  await page.getByLabel('A password of your own').fill(PASSWORD);
  await page.getByRole('button', { name: 'Claim the phone' }).click();
  await page.getByRole('navigation').waitFor();
  t.pass();
});

withChromium('who logs out sees nothing any more, and comes back with the password', async (t) => {
  const { page, control } = await owned(t);
  control.say({ level: 'info', text: 'a line of the log' });
  await go(page, 'Log');
  await page.getByText('a line of the log').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  t.false((await page.content()).includes('a line of the log'));
  await page.getByLabel("The owner's password").fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').filter({ hasText: 'This is not the password.' }).waitFor();
  await page.getByLabel("The owner's password").fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('a line of the log').waitFor();
  t.pass();
});

withChromium('a session that ends takes what it showed away from the screen', async (t) => {
  const { page, control, pass } = await owned(t);
  await page.getByText('Running for').waitFor();
  pass(24 * 3_600_000);
  control.phone.report({ extension: '209' });
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  t.is(await page.locator('.extension').count(), 0);
});

withChromium('what is wrong with an account stands at its field, which has the focus', async (t) => {
  const { page, control } = await owned(t);
  await go(page, 'Accounts');
  await page.getByRole('button', { name: 'Add an account' }).click();
  await page.getByLabel('User').fill('bob');
  await page.getByLabel('Domain').fill('no domain at all');
  await page.getByLabel('Port (optional)').fill('70000');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[aria-invalid=true]').first().waitFor();
  const domain = page.getByLabel('Domain');
  t.is(await domain.getAttribute('aria-invalid'), 'true');
  t.regex(await described(page, 'Domain'), /host name or an IP address/);
  t.regex(await described(page, 'Port (optional)'), /65535/);
  t.is(await page.evaluate('document.activeElement.labels[0].textContent'), 'Domain');
  t.deepEqual(control.local, {});
});

/** What a screen reader adds to the name of a field. */
async function described(page: Page, label: string): Promise<string> {
  const id = await page.getByLabel(label).getAttribute('aria-describedby');
  return (await page.locator(`[id="${id}"]`).textContent()) ?? '';
}

withChromium('an account is edited with its password unseen, and removed after a question', async (t) => {
  const { page, control } = await owned(t);
  await go(page, 'Accounts');
  await page.getByRole('button', { name: 'Edit alice@pbx.example.test' }).click();
  t.is(await page.getByLabel('Password (optional)', { exact: true }).inputValue(), '********');
  await page.getByLabel('Name shown to others').fill('Alice in the kitchen');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('alice@pbx.example.test is saved.').waitFor();
  t.like(control.local, {
    accounts: [{ displayName: 'Alice in the kitchen', password: 'top-s3cret-of-alice' }],
  });
  await page.getByRole('button', { name: 'Remove alice@pbx.example.test' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep' }).click();
  await page.getByRole('button', { name: 'Remove alice@pbx.example.test' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('alice@pbx.example.test is removed.').waitFor();
  t.deepEqual(control.local, { accounts: [] });
});

withChromium(
  'the editor names path, reason and line while one writes, and saves what is right',
  async (t) => {
    const { page, control } = await owned(t);
    await go(page, 'Configuration');
    const text = page.locator('textarea');
    await text.fill('name: Hall\nnet:\n  sipPort: many\n');
    const finding = page.locator('.findings .fault');
    await finding.waitFor();
    t.regex((await finding.textContent()) ?? '', /Line 3.*\/net\/sipPort.*expected a port number/);
    await page.getByRole('button', { name: 'Line 3' }).click();
    t.is(
      await text.evaluate(
        'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
      ),
      '  sipPort: many',
    );
    await page.getByRole('button', { name: 'Save' }).click();
    t.deepEqual(control.local, {});
    await text.fill('name: Hall\nnet:\n  sipPort: 5070\n');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.done', { hasText: 'Saved' }).waitFor();
    t.deepEqual(control.local, { name: 'Hall', net: { sipPort: 5070 } });
    await page
      .locator('.places li', { hasText: '/net/sipPort' })
      .filter({ hasText: 'from changed on the phone (local)' })
      .waitFor();
  },
);

const HOSTILE = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';

withChromium('hostile names are text in every section', async (t) => {
  const { page, control, wrong } = await owned(t);
  control.local = { accounts: [{ user: HOSTILE, domain: 'x.test', displayName: HOSTILE }] };
  control.tell({ kind: 'config' });
  control.phone.report({
    extension: HOSTILE,
    calls: [{ ...CALL, name: HOSTILE, peer: HOSTILE, cause: HOSTILE }],
    hardware: [{ part: HOSTILE, state: 'failed', driver: HOSTILE, note: HOSTILE }],
  });
  control.phone.pass(`INVITE sip:x SIP/2.0\r\nFrom: "${HOSTILE}" <sip:m@x>\r\n\r\n`);
  control.say({ level: 'warn', text: HOSTILE });
  Object.assign(control.neighbour, { name: HOSTILE, extension: HOSTILE, trust: HOSTILE });
  control.tell({ kind: 'neighbours' });
  for (const section of ['Status', 'Accounts', 'Neighbours', 'Calls', 'Log', 'Self-test', 'Configuration']) {
    await go(page, section);
    await page.locator('.settings main').getByText('window.owned').first().waitFor();
  }
  await go(page, 'Trace');
  await page.click('.messages summary');
  await page.locator('.messages pre', { hasText: HOSTILE }).waitFor();
  t.is(await page.locator('#page img, #page script').count(), 0);
  t.is(await page.evaluate('window.owned'), undefined);
  t.deepEqual(wrong, []);
});

withChromium('the keyboard reaches every section, and the heading there has the focus', async (t) => {
  const { page } = await owned(t);
  const links = page.getByRole('navigation').getByRole('link');
  await links.first().focus();
  for (let i = 1; i < (await links.count()); i++) await page.keyboard.press('Tab');
  t.is(await page.evaluate('document.activeElement.textContent'), 'Owner');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Owner' }).waitFor();
  t.is(await page.evaluate('document.activeElement.textContent'), 'Owner');
  t.is(await page.evaluate('document.activeElement.tagName'), 'H2');
  t.regex(await page.title(), /^Owner – /);
  t.is(await links.last().getAttribute('aria-current'), 'page');
});

withChromium('another server may be one only when the owner says so', async (t) => {
  const { page, control } = await owned(t);
  await go(page, 'Configuration');
  await page.getByText('DHCPv4 option 66 on eth0: another name').waitFor();
  t.deepEqual(control.approved, []);
  await page.getByRole('button', { name: 'Let rogue.example.test be the server' }).click();
  await page.locator('.done', { hasText: 'rogue.example.test may give' }).waitFor();
  t.deepEqual(control.approved, ['rogue.example.test']);
  t.is(await page.getByRole('button', { name: 'Let rogue' }).count(), 0);
});

withChromium('a selftest is run from the page, and why it cannot be is said', async (t) => {
  const { page, control } = await owned(t);
  await go(page, 'Self-test');
  await page.getByRole('button', { name: 'Run the self-test' }).click();
  await page.getByText('Failed: display: no answer at 0x3c').waitFor();
  control.busy = 'A call is under way.';
  await page.getByRole('button', { name: 'Run the self-test' }).click();
  await page.getByRole('alert').filter({ hasText: 'A call is under way.' }).waitFor();
  t.is(control.tested, 1);
});

withChromium(
  'on this machine the handset leads to the settings without a certificate, and the PIN is wanted too',
  async (t) => {
    const served = await serve(t, { pageDir: builtPage() });
    const web = await startWeb({
      control: new FakeControl(),
      http: { host: '127.0.0.1', port: 0 },
      pageDir: builtPage(),
      admin: served.admin.site,
    });
    t.teardown(() => web.close());
    const { page, wrong } = await open(t, web.url);
    await page.getByRole('link', { name: 'Settings' }).click();
    await claim(page, () => served.control.pin);
    t.is(new URL(page.url()).pathname, '/admin/');
    await page.getByRole('link', { name: 'Handset' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await go(page, 'Status');
    await page.reload();
    await page.locator('.link[data-link=open]').waitFor();
    t.deepEqual(wrong, []);
  },
);

withChromium('a factory reset is asked for twice, and the page says what happens', async (t) => {
  const { page, control, wrong } = await owned(t);
  await go(page, 'Owner');
  await page.getByRole('button', { name: 'Reset the phone' }).click();
  await page.getByRole('alertdialog').waitFor();
  t.is(
    await page.evaluate('document.activeElement.textContent'),
    'Keep',
    'a slip of the finger does no harm',
  );
  await page.getByRole('button', { name: 'Keep' }).click();
  t.is(control.resets, 0);
  await page.getByRole('button', { name: 'Reset the phone' }).click();
  await page.getByRole('button', { name: 'Forget everything' }).click();
  await page.getByText('The phone forgets everything.').waitFor();
  t.is(control.resets, 1);
  t.deepEqual(wrong, []);
});
