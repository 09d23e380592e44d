import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { decideDrop } from '#provisioning/drop_file.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { readConfig } from '#provisioning/read.ts';
import { isMapping } from '#provisioning/schema_shape.ts';
import { DropDirectory, type ReadFile } from '#provisioning/store/drop_directory.ts';

/** Where the store keeps files. */
const KEPT = '/data/provisioning';

/** Our own format alone. */
const readOwn: ReadFile = async (octets) => {
  const result = await readConfig(Buffer.from(octets).toString('utf8'));
  if ('error' in result) return result;
  return {
    format: 'dualtone',
    value: isMapping(result.given) ? result.given : {},
    unknown: [],
    warnings: result.warnings,
  };
};

function card(files: Readonly<Record<string, string>>): { dir: string; drop: DropDirectory } {
  const dir = mkdtempSync(join(tmpdir(), 'dualtone-drop-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return { dir, drop: new DropDirectory(dir, readOwn, KEPT) };
}

const YAML = `
name: Kitchen
accounts: [{user: ann, domain: pbx.test, password: s3cret}]   # written by hand
metrics: {token: {file: token.txt}}
`;

test('a drop file is read with the secrets beside it, and stays until it is applied', async (t) => {
  const { dir, drop } = card({
    'dualtone.yaml': YAML,
    'token.txt': 't0ken\r\nnot this\n',
    'config.txt': 'arm',
  });
  const { file, reset, warnings } = await drop.look();
  t.deepEqual([reset, warnings], [false, []]);
  t.like(file?.layer, { origin: 'drop file', from: join(dir, 'dualtone.yaml') });
  const { config } = mergeLayers(file === undefined ? [] : [file.layer]);
  t.is(config.accounts[0]?.password, 's3cret');
  t.is(config.metrics.token, 't0ken');
  t.deepEqual(readdirSync(dir).sort(), ['config.txt', 'dualtone.yaml', 'token.txt']);
});

test('an applied one leaves a copy without secrets, and every secret is gone from the card', async (t) => {
  for (const [name, text] of [
    ['dualtone.yaml', YAML],
    [
      'dualtone.json',
      JSON.stringify({
        accounts: [{ user: 'ann', domain: 'pbx.test', password: 's3cret' }],
        metrics: { token: { file: 'token.txt' } },
        adminpassword: 's3cret',
      }),
    ],
  ] as const) {
    const { dir, drop } = card({ [name]: text, 'token.txt': 't0ken\n', 'config.txt': 'arm' });
    const { file } = await drop.look();
    t.truthy(file);
    if (file) t.deepEqual(await drop.applied(file), []);
    t.deepEqual(readdirSync(dir).sort(), ['config.txt', `${name}.applied`]);
    const left = readFileSync(join(dir, `${name}.applied`), 'utf8');
    t.false(/s3cret|t0ken/.test(left), left);
    t.true(left.includes('pbx.test'));
    t.is((await drop.look()).file, undefined);
  }
});

test('a secret elsewhere stays where it is', async (t) => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'dualtone-drop-'));
  const secret = join(elsewhere, 'secret');
  writeFileSync(secret, 's3cret');
  const { drop } = card({ 'dualtone.json': JSON.stringify({ metrics: { token: { file: secret } } }) });
  const { file } = await drop.look();
  t.deepEqual(file?.layer.value, { metrics: { token: { file: secret } } });
  if (file) await drop.applied(file);
  t.true(existsSync(secret));
});

const WITH_PEM = `net: {tlsCa: ca.pem, tlsKey: ./own.key}
provisioning: {clientCertificate: ca.pem, clientKey: /etc/elsewhere.key}
`;

test('files that it names beside it come with it under the name that they are kept by, and leave the card', async (t) => {
  const { dir, drop } = card({
    'dualtone.yaml': WITH_PEM,
    'ca.pem': 'AUTHORITY',
    'own.key': 'KEY',
    'other.pem': 'mine',
  });
  const { file, warnings } = await drop.look();
  t.deepEqual(warnings, []);
  const path = (content: string) => join(KEPT, `${createHash('sha256').update(content).digest('hex')}.pem`);
  t.deepEqual(file?.layer.value, {
    net: { tlsCa: path('AUTHORITY'), tlsKey: path('KEY') },
    provisioning: { clientCertificate: path('AUTHORITY'), clientKey: '/etc/elsewhere.key' },
  });
  t.deepEqual(
    [...(file?.files ?? [])].map(([name, octets]) => [name, String(octets)]),
    [
      [path('AUTHORITY'), 'AUTHORITY'],
      [path('KEY'), 'KEY'],
    ],
  );
  if (file) t.deepEqual(await drop.applied(file), []);
  t.deepEqual(readdirSync(dir).sort(), ['dualtone.yaml.applied', 'other.pem']);
});

test('a file that it names and nobody can read is told, and named as it was', async (t) => {
  const { dir, drop } = card({
    'dualtone.yaml': 'net: {tlsCa: ca.pem, tlsCertificate: big.pem}\n',
    'big.pem': ' '.repeat((1 << 20) + 1),
  });
  const { file, warnings } = await drop.look();
  t.regex(warnings.join('; '), /ca\.pem: ENOENT.*; .*big\.pem: it is larger than 1048576 octets/);
  t.deepEqual(file?.layer.value, { net: { tlsCa: 'ca.pem', tlsCertificate: 'big.pem' } });
  t.is(file?.files.size, 0);
  t.deepEqual(readdirSync(dir).sort(), ['big.pem', 'dualtone.yaml']);
});

test('one that is refused is told with file and path, and stays as it is', async (t) => {
  const { dir, drop } = card({ 'dualtone.yaml': 'net: {sipPort: "x"}' });
  const { file, refused, warnings } = await drop.look();
  t.is(file, undefined);
  t.is(refused, 'dualtone.yaml: /net/sipPort: expected a port number, got text: "x"');
  t.deepEqual(warnings, [
    `${join(dir, 'dualtone.yaml')} is refused: /net/sipPort: expected a port number, got text: "x"`,
  ]);
  t.deepEqual(readdirSync(dir).sort(), ['dualtone.error.txt', 'dualtone.yaml']);
});

test('why it is refused lies beside it, with the line of a YAML fault, until a good one is taken', async (t) => {
  const { dir, drop } = card({ 'dualtone.yaml': 'name: Kitchen\naccounts: [{user: ann\nnet: {}\n' });
  await drop.look();
  const complaint = () => readFileSync(join(dir, 'dualtone.error.txt'), 'utf8');
  t.regex(complaint(), /^dualtone\.yaml: not readable as YAML: .* at line 3\b.*\n$/);
  const written = complaint();
  await drop.look();
  t.is(complaint(), written);
  writeFileSync(join(dir, 'dualtone.yaml'), 'name: Kitchen\n');
  const { file, refused } = await drop.look();
  t.is(refused, undefined);
  t.is(file?.name, 'dualtone.yaml');
  t.deepEqual(readdirSync(dir), ['dualtone.yaml']);
});

test('a secret file that is not there is told, and the rest goes on', async (t) => {
  const { drop } = card({ 'dualtone.yaml': YAML });
  const { file, warnings } = await drop.look();
  t.regex(warnings.join(), /token\.txt: ENOENT/);
  t.like(file?.layer.value, { name: 'Kitchen', metrics: { token: { file: 'token.txt' } } });
});

test('a huge file, a directory of that name and an absent card are no reason to fall', async (t) => {
  const huge = card({ 'dualtone.json': ' '.repeat((1 << 20) + 1) });
  t.regex((await huge.drop.look()).warnings.join(), /larger than/);
  const { dir, drop } = card({});
  mkdirSync(join(dir, 'dualtone.json'));
  t.regex((await drop.look()).warnings.join(), /EISDIR/);
  t.deepEqual(await new DropDirectory(join(dir, 'absent'), readOwn, KEPT).look(), {
    reset: false,
    warnings: [],
  });
});

test('an erasing that was cut off is finished at the next look', async (t) => {
  const { dir, drop } = card({
    'dualtone.yaml.dualtone-erasing': YAML,
    'token.txt.dualtone-erasing': 't0ken',
  });
  t.deepEqual(await drop.look(), { reset: false, warnings: [] });
  t.deepEqual(readdirSync(dir), []);
});

test('an empty dualtone.reset asks for a factory reset, once', async (t) => {
  const { dir, drop } = card({ 'dualtone.reset': '', 'dualtone.json': '{"name": "New"}' });
  const { reset, file } = await drop.look();
  t.true(reset);
  t.deepEqual(file?.layer.value, { name: 'New' });
  t.deepEqual(await drop.resetDone(), []);
  t.deepEqual(readdirSync(dir), ['dualtone.json']);
  t.regex((await drop.resetDone()).join(), /dualtone.reset: ENOENT/);
});

test('of several the first counts, and a reset with content is none', (t) => {
  const entries = ['dualtone.xml', 'dualtone.cfg', 'dualtone.yaml', 'dualtone.reset', 'dualtone.png'].map(
    (name) => ({ name, size: 9 }),
  );
  t.deepEqual(decideDrop(entries), {
    file: 'dualtone.yaml',
    erase: [],
    warnings: [
      'dualtone.reset is not empty, and passed over',
      'dualtone.cfg is passed over: dualtone.yaml counts',
      'dualtone.xml is passed over: dualtone.yaml counts',
    ],
  });
});

test('a card that cannot be written is told of', async (t) => {
  const { dir, drop } = card({ 'dualtone.json': '{"name": "Hall"}' });
  mkdirSync(join(dir, 'dualtone.json.applied'));
  chmodSync(dir, 0o555);
  const { file } = await drop.look();
  if (file) t.regex((await drop.applied(file)).join(), /dualtone.json: E\w+/);
  chmodSync(dir, 0o755);
  t.true(existsSync(join(dir, 'dualtone.json')));
});

test('whatever a file holds, what stays behind has none of its passwords', async (t) => {
  const secret = fc
    .stringMatching(/^[!-~]{6,20}$/)
    .filter((text) => !'dualtone accounts password'.includes(text));
  await fc.assert(
    fc.asyncProperty(secret, secret, async (password, token) => {
      const value = {
        accounts: [{ user: 'ann', domain: 'pbx.test', password, outboundProxy: 'sip:proxy.test' }],
        metrics: { token },
      };
      const { dir, drop } = card({ 'dualtone.json': JSON.stringify(value) });
      const { file } = await drop.look();
      if (file) await drop.applied(file);
      const left = readFileSync(join(dir, 'dualtone.json.applied'), 'utf8');
      rmSync(dir, { recursive: true });
      t.false(
        left.includes(JSON.stringify(password).slice(1, -1)) ||
          left.includes(JSON.stringify(token).slice(1, -1)),
      );
    }),
    { numRuns: 60 },
  );
});
