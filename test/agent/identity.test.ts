import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { phoneAccount, refusals, sipAccount } from '#agent/accounts.ts';
import { contactToken } from '#agent/contact_token.ts';
import { crc16, defaultExtension } from '#agent/extension.ts';
import { randomToken } from '#agent/random.ts';
import { checkConfig } from '#provisioning/read.ts';

const freshDir = () => mkdtempSync(join(tmpdir(), 'dualtone-identity-'));

function accountsOf(...accounts: object[]) {
  const result = checkConfig({
    accounts: accounts.map((one) => ({ user: 'alice', domain: 'example.test', ...one })),
  });
  if ('error' in result) throw new Error(result.error);
  return result.config.accounts;
}

test('the contact token is the same after every start, and for its owner alone', (t) => {
  const dir = freshDir();
  const token = contactToken(dir, t.fail);
  t.regex(token, /^[\da-f]{32}$/);
  t.is(contactToken(dir, t.fail), token);
  t.deepEqual(readdirSync(dir), ['contact-token']);
  t.is(statSync(join(dir, 'contact-token')).mode & 0o777, 0o600);
});

test('a damaged token is replaced', (t) => {
  const dir = freshDir();
  writeFileSync(join(dir, 'contact-token'), 'sip:<>');
  const token = contactToken(dir, t.fail);
  t.is(readFileSync(join(dir, 'contact-token'), 'utf8').trim(), token);
});

test('a token that cannot be kept is still a token, with a warning', (t) => {
  const warnings: string[] = [];
  t.regex(
    contactToken('/proc/nowhere', (text) => warnings.push(text)),
    /^[\da-f]{32}$/,
  );
  t.is(warnings.length, 1);
});

test('tokens do not repeat', (t) => {
  const tokens = new Set(Array.from({ length: 5_000 }, randomToken));
  t.is(tokens.size, 5_000);
  t.true([...tokens].every((token) => /^[\da-f]{16}$/.test(token)));
});

test('the check value of CRC-16/CCITT-FALSE', (t) => {
  t.is(crc16([...Buffer.from('123456789')]), 0x29b1);
});

test('the default extension follows from the hardware address and lies in 200-799', (t) => {
  t.is(defaultExtension('dca632010203'), String(200 + (crc16([0xdc, 0xa6, 0x32, 1, 2, 3]) % 600)));
  t.not(defaultExtension('dca632010204'), defaultExtension('dca632010203'));
  for (let i = 0; i < 256; i++) {
    const number = Number(defaultExtension(`dca6320102${i.toString(16).padStart(2, '0')}`));
    t.true(number >= 200 && number <= 799);
  }
});

test('an account says no more to SIP than the configuration says', (t) => {
  const [plain, full] = accountsOf(
    {},
    { domain: '[2001:db8::1]', port: 5070, transport: 'tcp', family: 'ipv6', authUser: 'a1', password: 'p' },
  ).map(sipAccount);
  t.deepEqual(plain, {
    id: 'account-1',
    user: 'alice',
    domain: 'example.test',
    authUser: 'alice',
    password: '',
    expires: 600,
  });
  t.like(full, {
    id: 'account-2',
    domain: '2001:db8::1',
    port: 5070,
    transport: 'tcp',
    family: 6,
    authUser: 'a1',
  });
});

test('the address of record of an IPv6 domain has brackets', (t) => {
  t.deepEqual(
    accountsOf({ domain: '2001:db8::1' }, { domain: '[2001:db8::1]' }, {}).map(
      (one, index) => phoneAccount(one, index).aor,
    ),
    ['alice@[2001:db8::1]', 'alice@[2001:db8::1]', 'alice@example.test'],
  );
});

test('calls are refused where SRTP is required or no codec is left', (t) => {
  const refused = refusals(
    accountsOf({}, { srtp: 'required' }, { codecs: ['opus'] }, { codecs: ['opus', 'pcmu'] }),
  );
  t.deepEqual([...refused.keys()], ['account-2', 'account-3']);
  t.regex(refused.get('account-2') ?? '', /SRTP/);
});
