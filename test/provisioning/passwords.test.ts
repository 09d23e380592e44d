import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { withPasswords } from '#provisioning/passwords.ts';
import { checkConfig } from '#provisioning/read.ts';

test('every secret may stand in a file of its own, of which it is the first line', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'dualtone-secrets-'));
  const [password, token] = ['password', 'token'].map((name) => ({ file: join(dir, name) }));
  const absent = { file: join(dir, 'absent') };
  writeFileSync(password?.file ?? '', 's3cret\r\nnot this\n');
  writeFileSync(token?.file ?? '', 't0ken');
  const ann = { user: 'ann', domain: 'pbx.test', password };
  const checked = checkConfig({
    accounts: [ann, { ...ann, password: absent }, { ...ann, password: 'plain' }],
    provisioning: { password },
    metrics: { token },
  });
  if ('error' in checked) throw new Error(checked.error);
  const { config, warnings } = await withPasswords(checked.config);
  t.deepEqual(
    config.accounts.map((account) => account.password),
    ['s3cret', '', 'plain'],
  );
  t.deepEqual([config.provisioning.password, config.metrics.token], ['s3cret', 't0ken']);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /^\/accounts\/1\/password: ENOENT/);
  t.deepEqual(config.net, checked.config.net);
});
