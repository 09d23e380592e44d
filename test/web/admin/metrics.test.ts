/** Metrics over HTTPS, for who has the token and nobody else. */
import test from 'ava';
import { faultsOf } from '../../support/exposition.ts';
import { serve, Visitor } from './support.ts';

const TOKEN = 'scr4pe-t0ken';
const TEXT = '# HELP dualtone_calls Calls\n# TYPE dualtone_calls gauge\ndualtone_calls 0\n';
const served = (t: Parameters<typeof serve>[0], token: () => string | undefined = () => TOKEN) =>
  serve(t, { metrics: { token, text: () => TEXT } });
const bearing = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

test('who has the token reads the metrics, by whatever name the telephone is called', async (t) => {
  const visitor = new Visitor(await served(t));
  const reply = await visitor.ask('/metrics', bearing(TOKEN));
  t.is(reply.status, 200);
  t.is(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  t.is(reply.headers['cache-control'], 'no-store');
  t.is(reply.body, TEXT);
  t.deepEqual(faultsOf(reply.body), []);
  const elsewhere = { headers: { Authorization: `bearer ${TOKEN}`, Host: 'phone-204.fleet.test:9' } };
  t.is((await visitor.ask('/metrics', elsewhere)).status, 200);
  t.is((await visitor.ask('/metrics?name[]=x', bearing(TOKEN))).status, 200);
  const head = await visitor.ask('/metrics', { method: 'HEAD', ...bearing(TOKEN) });
  t.deepEqual([head.status, head.body], [200, '']);
});

test('without a token in the configuration there are no metrics, and a token that is empty opens nothing', async (t) => {
  for (const token of [undefined, '']) {
    const visitor = new Visitor(await served(t, () => token));
    for (const offered of ['', 'undefined', TOKEN]) {
      const reply = await visitor.ask('/metrics', bearing(offered));
      t.is(reply.status, 404);
      t.is(reply.body, (await visitor.ask('/nothing')).body, 'as of any other path');
    }
  }
  const visitor = new Visitor(await serve(t));
  t.is((await visitor.ask('/metrics', bearing(TOKEN))).status, 404);
});

for (const [what, authorization] of [
  ['nothing', undefined],
  ['another token', 'Bearer scr4pe-t0keN'],
  ['a part of it', 'Bearer scr4pe'],
  ['more than it', `Bearer ${TOKEN}x`],
  ['it by another scheme', `Basic ${TOKEN}`],
  ['it twice', `Bearer ${TOKEN} ${TOKEN}`],
  ['no scheme', TOKEN],
] as const) {
  test(`who shows ${what} gets 401 and no metrics`, async (t) => {
    const visitor = new Visitor(await served(t));
    const reply = await visitor.ask('/metrics', { headers: { Authorization: authorization } });
    t.is(reply.status, 401);
    t.is(reply.headers['www-authenticate'], 'Bearer realm="dualtone"');
    t.false(reply.body.includes('dualtone_calls') || reply.body.includes(TOKEN));
  });
}

test('who guesses has to wait, even with the right token, and no longer than a minute', async (t) => {
  const stand = await served(t);
  const visitor = new Visitor(stand);
  const status = async (token: string) => (await visitor.ask('/metrics', bearing(token))).status;
  for (let i = 0; i < 4; i++) t.is(await status(`wrong ${i}`), 401);
  const locked = await visitor.ask('/metrics', bearing(TOKEN));
  t.deepEqual([locked.status, locked.headers['retry-after']], [429, '1']);
  for (let i = 0; i < 20; i++) {
    stand.pass(60_000);
    t.is(await status('wrong'), 401);
    t.is(await status('wrong'), 429);
  }
  stand.pass(60_000);
  t.is(await status(TOKEN), 200);
  t.is(await status(TOKEN), 200);
  t.is((await visitor.post('login', { password: 'x' })).status, 403, 'the door of the owner is another');
});

test('another token counts from the moment when it is in force', async (t) => {
  let token = TOKEN;
  const visitor = new Visitor(await served(t, () => token));
  t.is((await visitor.ask('/metrics', bearing(TOKEN))).status, 200);
  token = 'an0ther';
  t.is((await visitor.ask('/metrics', bearing(TOKEN))).status, 401);
  t.is((await visitor.ask('/metrics', bearing(token))).status, 200);
});

test('metrics are read and nothing else', async (t) => {
  const visitor = new Visitor(await served(t));
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const reply = await visitor.ask('/metrics', { method, ...bearing(TOKEN), body: {} });
    t.deepEqual([reply.status, reply.headers.allow], [405, 'GET, HEAD']);
  }
});
