/** Who comes in to the admin page, and who does not. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PIN_LIFE, PIN_TRIES } from '#web/admin/claim.ts';
import { ABSOLUTE, GRACE, IDLE, ROTATE } from '#web/admin/sessions.ts';
import { PASSWORD, serve, Visitor } from './support.ts';

const OWNED = [
  ['GET', 'config'],
  ['GET', 'events'],
  ['GET', 'trace.pcapng'],
  ['GET', 'anything'],
  ['POST', 'config'],
  ['POST', 'config/check'],
  ['POST', 'selftest'],
  ['POST', 'server'],
  ['POST', 'neighbour'],
  ['POST', 'password'],
  ['POST', 'logout'],
  ['POST', 'alive'],
] as const;

test('until the telephone is claimed, nothing of it is told to anybody', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  for (const [method, path] of OWNED) {
    const reply = await visitor.ask(path, { method, ...(method === 'POST' && { body: {} }) });
    t.is(reply.status, 403, path);
    t.is(JSON.parse(reply.body).code, 'unclaimed', path);
  }
  t.like(JSON.parse((await visitor.ask('session')).body), { claimed: false, in: false });
});

test('the PIN on the telephone and a password make one the owner, who is in at once', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  t.deepEqual(JSON.parse((await visitor.post('pin')).body), { left: 600 });
  t.regex(served.control.pin, /^\d{4} \d{4}$/);
  t.is(served.control.shown[0]?.fingerprint, served.admin.fingerprint());
  const reply = await visitor.post('claim', { pin: served.control.pin, password: PASSWORD });
  t.is(reply.status, 200);
  t.is(served.control.shown.at(-1), undefined, 'the PIN is gone from the screen');
  t.is((await visitor.ask('config')).status, 200);
  t.like(JSON.parse((await visitor.ask('session')).body), { claimed: true, in: true });
});

test('the cookie is for this host and its TLS alone, and out of reach of scripts and other sites', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  await visitor.post('pin');
  const reply = await visitor.post('claim', { pin: served.control.pin, password: PASSWORD });
  t.regex(
    String(reply.headers['set-cookie']),
    /^__Host-dualtone-admin-\d+=[\w-]{43}; Secure; HttpOnly; SameSite=Strict; Path=\/$/,
  );
});

test('who has claimed it is its owner after the next start too, by the password and not by a PIN', async (t) => {
  const first = await serve(t);
  await new Visitor(first).claim(first);
  await first.close();
  const second = await serve(t, { data: first.data });
  const visitor = new Visitor(second);
  t.is((await visitor.post('pin')).status, 409);
  t.is((await visitor.post('claim', { pin: '0000 0000', password: PASSWORD })).status, 409);
  t.is((await visitor.post('login', { password: 'not the password' })).status, 403);
  t.is((await visitor.post('login', { password: PASSWORD })).status, 200);
  t.is((await visitor.ask('config')).status, 200);
});

test('the password is kept as a hash that differs each time, for our eyes only', async (t) => {
  const [one, other] = [await serve(t), await serve(t)];
  const hashes: string[] = [];
  for (const served of [one, other]) {
    await new Visitor(served).claim(served);
    const file = join(served.data, 'admin', 'owner');
    t.is(statSync(file).mode & 0o777, 0o600);
    t.is(statSync(join(served.data, 'admin')).mode & 0o777, 0o700);
    t.is(statSync(join(served.data, 'admin', 'tls.pem')).mode & 0o777, 0o600);
    hashes.push(readFileSync(file, 'utf8'));
  }
  t.true(hashes.every((hash) => hash.startsWith('scrypt$16384$8$5$') && !hash.includes('bicycles')));
  t.not(hashes[0], hashes[1]);
});

test('PIN and password stand in no log', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const pin = served.control.shown[0]?.pin ?? '?';
  await visitor.post('login', { password: 'wrong password here' });
  await visitor.post('login', { password: PASSWORD });
  await visitor.post('password', { before: PASSWORD, password: 'eleven blue umbrellas' });
  const log = served.log.join('\n');
  t.regex(log, /claimed from 127\.0\.0\.1/);
  t.regex(log, /a wrong password/);
  for (const secret of [
    pin,
    pin.replace(' ', ''),
    PASSWORD,
    'wrong password here',
    'umbrellas',
    visitor.csrf,
  ]) {
    t.false(log.includes(secret), secret);
  }
});

test('a wrong PIN is refused, and after three in a row waiting grows with each', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  await visitor.post('pin');
  const wrong = () => visitor.post('claim', { pin: 'x', password: PASSWORD });
  for (let i = 0; i < 3; i++) t.like(JSON.parse((await wrong()).body), { code: 'wrong', wait: 0 });
  t.like(JSON.parse((await wrong()).body), { code: 'wrong', wait: 2 });
  const locked = await visitor.post('claim', { pin: served.control.pin, password: PASSWORD });
  t.is(locked.status, 429, 'even the right PIN has to wait');
  t.is(locked.headers['retry-after'], '2');
  served.pass(2000);
  t.like(JSON.parse((await wrong()).body), { code: 'wrong', wait: 4 });
  t.like(JSON.parse((await visitor.ask('session')).body), { wait: 4 });
});

test('a PIN is used up by wrong tries, and another one is shown', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  await visitor.post('pin');
  const first = served.control.pin;
  for (let i = 0; i < PIN_TRIES; i++) {
    await visitor.post('claim', { pin: 'x', password: PASSWORD });
    served.pass(60_000);
  }
  t.is(served.control.shown.at(-1), undefined);
  const late = await visitor.post('claim', { pin: first, password: PASSWORD });
  t.is(late.status, 403);
  t.regex(late.body, /let the phone show a new one/);
  served.pass(60_000);
  await visitor.post('pin');
  t.not(served.control.pin, first);
  t.is((await visitor.post('claim', { pin: served.control.pin, password: PASSWORD })).status, 200);
});

test('a PIN lives for a short while only, and asking again does not change it meanwhile', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  await visitor.post('pin');
  const first = served.control.pin;
  served.pass(PIN_LIFE - 60_000);
  await visitor.post('pin');
  t.is(served.control.pin, first);
  served.pass(60_000);
  t.is((await visitor.post('claim', { pin: first, password: PASSWORD })).status, 403);
});

test('a PIN is good for one owner', async (t) => {
  const served = await serve(t);
  const [one, other] = [new Visitor(served), new Visitor(served)];
  await one.post('pin');
  const claim = { pin: served.control.pin, password: PASSWORD };
  const replies = await Promise.all([one.post('claim', claim), other.post('claim', claim)]);
  t.deepEqual(replies.map(({ status }) => status).sort(), [200, 403]);
});

for (const weak of [
  'short',
  'elevenchars',
  'aaaaaaaaaaaaaaaa',
  'abababababababab',
  '123456789012345',
  'nmlkjihgfedcb',
]) {
  test(`the password ${weak} is not taken, and the PIN stays good`, async (t) => {
    const served = await serve(t);
    const visitor = new Visitor(served);
    await visitor.post('pin');
    const { pin } = served.control;
    const reply = await visitor.post('claim', { pin, password: weak });
    t.is(reply.status, 422);
    t.is(JSON.parse(reply.body).code, 'weak-password');
    t.is((await visitor.post('claim', { pin, password: PASSWORD })).status, 200);
  });
}

test('many wrong passwords at once are many, and the right one among them does not help', async (t) => {
  const served = await serve(t);
  await new Visitor(served).claim(served);
  const visitor = new Visitor(served);
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      visitor.post('login', { password: i === 11 ? PASSWORD : `wrong ${i} wrong` }),
    ),
  );
  const count = (status: number) => replies.filter((reply) => reply.status === status).length;
  t.deepEqual([count(403), count(429), count(200)], [4, 8, 0]);
});

test('a session ends after a time without a deed, though its page looked on', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  served.pass(IDLE - 1);
  t.is((await visitor.ask('config')).status, 200, 'looking on');
  t.is((await visitor.post('alive')).status, 200);
  served.pass(IDLE - 1);
  t.is((await visitor.ask('config')).status, 200);
  served.pass(1);
  t.is((await visitor.ask('config')).status, 403);
});

test('a session ends after a time whatever is done', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const step = IDLE / 2;
  for (let passed = step; passed < ABSOLUTE; passed += step) {
    served.pass(step);
    t.is((await visitor.post('alive')).status, 200);
  }
  served.pass(step);
  t.is((await visitor.post('alive')).status, 403);
});

test('the token of a session is exchanged now and then, and the one before is soon worth nothing', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const old = visitor.cookie;
  served.pass(ROTATE);
  t.is((await visitor.post('alive')).status, 200);
  t.not(visitor.cookie, old);
  const stale = { headers: { Cookie: old } };
  t.is((await visitor.ask('config', stale)).status, 200, 'requests cross each other');
  served.pass(GRACE);
  t.is((await visitor.ask('config', stale)).status, 403);
  t.is((await visitor.ask('config')).status, 200);
});

test('who logs out is out, with the old cookie too', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const { cookie } = visitor;
  const reply = await visitor.post('logout');
  t.regex(String(reply.headers['set-cookie']), /Max-Age=0/);
  t.is((await visitor.ask('config', { headers: { Cookie: cookie } })).status, 403);
});

test('another password ends all sessions but the one that made it', async (t) => {
  const served = await serve(t);
  const owner = await new Visitor(served).claim(served);
  const elsewhere = new Visitor(served);
  await elsewhere.post('login', { password: PASSWORD });
  const before = owner.cookie;
  t.is(
    (await owner.post('password', { before: 'not this one, no', password: 'eleven blue umbrellas' })).status,
    403,
  );
  t.is((await owner.post('password', { before: PASSWORD, password: 'eleven blue umbrellas' })).status, 200);
  t.not(owner.cookie, before);
  t.is((await owner.ask('config')).status, 200);
  t.is((await elsewhere.ask('config')).status, 403);
  t.is((await elsewhere.post('login', { password: PASSWORD })).status, 403);
  t.is((await elsewhere.post('login', { password: 'eleven blue umbrellas' })).status, 200);
});

test('a session that somebody made up is none', async (t) => {
  const served = await serve(t);
  const owner = await new Visitor(served).claim(served);
  const [name = ''] = owner.cookie.split('=', 1);
  for (const token of ['', 'x', 'a'.repeat(43), 'undefined', '__proto__']) {
    t.is((await owner.ask('config', { headers: { Cookie: `${name}=${token}` } })).status, 403, token);
  }
});
