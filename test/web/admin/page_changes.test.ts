/** What changes under an open page of settings: a neighbour's key, and where the page is. */
import { freePort } from '#net/free_port.ts';
import { go, owned, withChromium } from './browser.ts';

withChromium('a neighbour that shows another key waits for the owner, who sees which', async (t) => {
  const { page, control, wrong } = await owned(t);
  const fp = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
  control.neighbour = { ...control.neighbour, trust: 'another key than before', changed: { fp } };
  control.tell({ kind: 'neighbours' });
  await go(page, 'Neighbours');
  await page.getByText(fp).waitFor();
  // What was seen is what is accepted, and nothing that came meanwhile.
  const other = { ...control.neighbour, changed: {} };
  const seen = control.neighbour;
  control.neighbour = other;
  await page.getByRole('button', { name: 'Accept the new key of Workshop' }).click();
  await page.getByRole('alert').filter({ hasText: 'another key by now' }).waitFor();
  control.neighbour = seen;
  await page.getByRole('button', { name: 'Accept the new key of Workshop' }).click();
  await page.locator('.done', { hasText: 'Workshop is believed its new key.' }).waitFor();
  t.is(await page.getByRole('button', { name: 'Accept' }).count(), 0);
  t.is(control.neighbour.changed, undefined);
  control.neighbour = { ...control.neighbour, fresh: false };
  control.tell({ kind: 'neighbours' });
  await page.getByText('not heard lately').waitFor();
  t.deepEqual(
    wrong.filter((text) => !text.includes('409')),
    [],
  );
});

withChromium('the page goes along to another port, and nobody has to log in anew', async (t) => {
  const served = await owned(t);
  const { page, admin } = served;
  await go(page, 'Configuration');
  const port = await freePort({ family: 4, address: '127.0.0.1' });
  await admin.follow({ listen: 'loopback', port });
  await page.waitForURL(`https://localhost:${port}/admin/#config`);
  await page.locator('.link[data-link=open]').waitFor();
  await page.getByRole('heading', { name: 'Configuration', exact: true }).waitFor();
  await page.reload();
  await page.locator('.link[data-link=open]').waitFor();
  await admin.retire();
  await page.getByText('The settings page is switched off').waitFor();
  t.is(await page.getByRole('navigation').count(), 0);
});
