/** The drop file on the card, from the person who laid it there to the tidy card, through the card's own program. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { noLabBecause } from '../lab/possible.ts';
import { DropCard } from './drop_card.ts';
import { DEVICE } from './staged.ts';

const YAML = `name: Kitchen
accounts: [{user: ann, domain: pbx.test, password: yaml s3cret}]
metrics: {token: {file: token.txt}}
`;
const YEALINK = `#!version:1.0.0.1
account.1.enable = 1
account.1.user_name = ann
account.1.auth_name = ann
account.1.password = yealink s3cret
account.1.sip_server.1.address = pbx.test
`;
const WIFI = 'wifis: {wlan0: {regulatory-domain: NL, access-points: {Home: {password: "wifi s3cret"}}}}\n';
const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)} ann@laptop`;
const SECRET = /s3cret/;

function card(t: ExecutionContext, files: Readonly<Record<string, string | Uint8Array>>): DropCard {
  const made = new DropCard(files);
  t.teardown(() => made.remove());
  return made;
}

test('a good one is taken, with the secrets beside it; what was read stays on the card without them', async (t) => {
  const drop = card(t, { 'dualtone.yaml': YAML, 'token.txt': 'token s3cret\n', 'NOTES.md': 'mine' });
  await drop.start();
  t.deepEqual(drop.names, ['NOTES.md', 'dualtone.yaml.applied']);
  t.notRegex(drop.octets, SECRET);
  t.regex(drop.text('dualtone.yaml.applied'), /pbx\.test/);
  t.regex(drop.settings, /yaml s3cret[\s\S]*token s3cret|token s3cret[\s\S]*yaml s3cret/);
});

test('certificates and keys that it names beside it are kept with it, also when it starts anew without them', async (t) => {
  const files = {
    'ca.crt': 'AUTHORITY',
    'own.pem': 'CERTIFICATE',
    'own.key': 'key s3cret',
    'other.pem': 'mine',
  };
  const drop = card(t, {
    'dualtone.yaml': 'net: {tlsCa: ca.crt, tlsCertificate: own.pem, tlsKey: own.key}\n',
    ...files,
  });
  for (let start = 0; start < 2; start++) {
    await drop.start();
    t.deepEqual(drop.names, ['dualtone.yaml.applied', 'other.pem']);
    t.notRegex(drop.octets, SECRET);
    for (const [key, content] of [
      ['tlsCa', 'AUTHORITY'],
      ['tlsCertificate', 'CERTIFICATE'],
      ['tlsKey', 'key s3cret'],
    ] as const)
      t.is(readFileSync(drop.named('net', key), 'utf8'), content, key);
  }
  drop.put({ 'dualtone.reset': '' });
  await drop.start();
  t.deepEqual(readdirSync(join(drop.data, 'dualtone/provisioning')).sort(), ['local.json', 'state.json']);
});

test('one in the format of another maker is taken the same way', async (t) => {
  const drop = card(t, { 'dualtone.cfg': YEALINK });
  await drop.start();
  t.deepEqual(drop.names, ['dualtone.cfg.applied']);
  t.notRegex(drop.octets, SECRET);
  t.regex(drop.settings, /yealink s3cret/);
  t.regex(drop.text('dualtone.cfg.applied'), /yealink/);
});

test('a malformed one stays, and beside it lies what is wrong at which line; mended, both go', async (t) => {
  const drop = card(t, { 'dualtone.yaml': 'name: Kitchen\naccounts: [{user: ann\nnet: {}\n' });
  await drop.start();
  t.deepEqual(drop.names, ['dualtone.error.txt', 'dualtone.yaml']);
  t.regex(drop.text('dualtone.error.txt'), /^dualtone\.yaml: not readable as YAML: .* at line 3\b/);
  drop.put({ 'dualtone.yaml': 'net: {sipPort: x}\n' });
  await drop.start();
  t.regex(drop.text('dualtone.error.txt'), /^dualtone\.yaml: \/net\/sipPort: expected a port number/);
  drop.put({ 'dualtone.yaml': YAML });
  await drop.start();
  t.deepEqual(drop.names, ['dualtone.yaml.applied']);
});

test('where nothing is to be written the card is not made writable, start after start', async (t) => {
  const drop = card(t, { 'dualtone.yaml': 'net: {sipPort: x}\n' });
  await drop.start();
  drop.powerOff();
  await drop.stage();
  await drop.telephone();
  t.is(await drop.done(), 1, 'it only looks at what the telephone left');
  const empty = card(t, {});
  empty.powerOff();
  await empty.stage();
  t.is(await empty.done(), 0);
});

test('where the card keeps nothing all that was laid there stays on it, and is taken at each start', async (t) => {
  const all = { 'dualtone.yaml': YAML, 'token.txt': 'token s3cret\n', 'network-config': WIFI, ssh: KEY };
  const drop = card(t, { ...all, 'dualtone.json': '{' });
  for (let start = 0; start < 2; start++) {
    // What the system does where the data partition cannot be used: a new memory at each start, with a mark.
    rmSync(drop.data, { recursive: true });
    mkdirSync(join(drop.data, 'dualtone'), { recursive: true });
    writeFileSync(join(drop.data, 'dualtone/volatile'), '');
    await drop.start();
    t.regex(readFileSync(join(drop.root, 'run/wifi/wpa_supplicant-wlan0.conf'), 'utf8'), /wifi s3cret/);
    t.is(drop.kept('ssh/authorized_keys'), `${KEY}\n`);
    t.deepEqual(drop.names, [...Object.keys(all), 'dualtone.error.txt', 'dualtone.json'].sort());
    t.regex(drop.text('dualtone.error.txt'), /^dualtone\.json: not readable/);
  }
  for (const [name, text] of Object.entries(all)) t.is(drop.text(name), text, name);
  rmSync(join(drop.card, 'dualtone.json'));
  await drop.start();
  t.deepEqual(drop.names, Object.keys(all).sort());
  t.regex(drop.settings, /yaml s3cret/);
});

test('Wi-Fi is kept on the data partition, used at every start, and its password leaves the card', async (t) => {
  const drop = card(t, { 'network-config': WIFI });
  await drop.start();
  t.deepEqual(drop.names, []);
  for (let start = 0; start < 2; start++) {
    t.regex(readFileSync(join(drop.root, 'run/wifi/wpa_supplicant-wlan0.conf'), 'utf8'), /psk="wifi s3cret"/);
    t.deepEqual(readdirSync(join(drop.root, 'run/networkd')), ['70-dualtone-wlan0.network']);
    await drop.start();
  }
  drop.put({ 'network-config': 'wifis: {wlan0: {access-points: {}}}\n' });
  await drop.start();
  t.deepEqual(drop.names, ['network-config', 'network-config.error.txt']);
  t.is(drop.text('network-config.error.txt'), 'network-config: /wifis/wlan0/access-points: none is in it\n');
  t.regex(readFileSync(join(drop.root, 'run/wifi/wpa_supplicant-wlan0.conf'), 'utf8'), /wifi s3cret/);
});

test('keys for ssh are kept, of whatever file they are in; without one the card says so, and off takes them away', async (t) => {
  const drop = card(t, {
    ssh: `# mine\r\n${KEY}\r\n`,
    authorized_keys: `${KEY.replace('laptop', 'desk')}\n`,
  });
  await drop.start();
  t.deepEqual(drop.names, []);
  t.is(drop.kept('ssh/authorized_keys'), `${KEY}\n${KEY.replace('laptop', 'desk')}\n`);
  for (const nothing of ['', 'yes\n', `command="/bin/sh" ${KEY}\n`, 'ssh-ed25519 short\n']) {
    drop.put({ ssh: nothing });
    await drop.start();
    t.deepEqual(drop.names, ['ssh', 'ssh.error.txt']);
    t.regex(drop.text('ssh.error.txt'), /^ssh: no public key in it/);
    t.truthy(drop.kept('ssh/authorized_keys'));
  }
  drop.put({ ssh: 'off\n' });
  await drop.start();
  t.deepEqual(drop.names, []);
  t.is(drop.kept('ssh/authorized_keys'), undefined);
});

test('a factory reset forgets settings, Wi-Fi and keys; a file beside it is the next owner’s', async (t) => {
  const drop = card(t, { 'dualtone.yaml': YAML, 'token.txt': 'x', 'network-config': WIFI, ssh: KEY });
  await drop.start();
  t.regex(drop.settings, SECRET);
  drop.put({ 'dualtone.reset': '', 'dualtone.json': '{"name": "Hall"}' });
  await drop.start();
  t.deepEqual(drop.names, ['dualtone.json.applied', 'dualtone.yaml.applied']);
  t.notRegex(drop.settings, SECRET);
  t.regex(drop.settings, /Hall/);
  t.deepEqual(readdirSync(drop.data), ['dualtone', 'ssh']);
  t.deepEqual(readdirSync(join(drop.data, 'ssh')), []);
});

test('a reset by keys that was cut off is finished, also for Wi-Fi', async (t) => {
  const drop = card(t, { 'network-config': WIFI });
  await drop.start();
  writeFileSync(join(drop.data, 'dualtone/factory-reset'), '');
  await drop.start();
  t.deepEqual(readdirSync(drop.data), ['dualtone']);
});

test('folders, links, what is too large and what was erased half are passed over', async (t) => {
  const drop = card(t, {
    'dualtone.json': Buffer.alloc(4096),
    'dualtone.cfg': Buffer.alloc((1 << 20) + 1, 'a'),
    'network-config': Buffer.alloc(70_000, '#'),
    'dualtone.xml.dualtone-erasing': 'old s3cret',
  });
  mkdirSync(join(drop.card, 'ssh'));
  writeFileSync(join(drop.root, 'elsewhere'), 'name: Elsewhere');
  symlinkSync(join(drop.root, 'elsewhere'), join(drop.card, 'dualtone.yaml'));
  await drop.start();
  t.deepEqual(drop.names, [
    ...[
      'dualtone.cfg',
      'dualtone.error.txt',
      'dualtone.yaml',
      'network-config',
      'network-config.error.txt',
      'ssh',
    ],
  ]);
  t.notRegex(drop.settings, /Elsewhere/);
  t.regex(drop.text('network-config.error.txt'), /larger than 65536 octets/);
});

test('what the telephone leaves reaches the card only by its names, and never through a link', async (t) => {
  const drop = card(t, { 'dualtone.yaml': YAML });
  drop.powerOff();
  await drop.stage();
  const stage = join(drop.root, 'run/drop');
  writeFileSync(join(drop.root, 'shadow'), 'of the system');
  symlinkSync(join(drop.root, 'shadow'), join(stage, 'dualtone.yaml.applied'));
  symlinkSync(join(drop.root, 'shadow'), join(stage, 'dualtone.error.txt'));
  writeFileSync(join(stage, 'config.txt'), 'kernel=other');
  await drop.done();
  t.deepEqual(drop.names, ['dualtone.yaml']);
  t.is(drop.text('config.txt'), 'arm_64bit=1\n');
});

const EVERYTHING = {
  'dualtone.reset': '',
  'dualtone.yaml': `${YAML}net: {tlsKey: own.key}\n`,
  'token.txt': 'token s3cret\n',
  'own.key': 'key s3cret\n',
  'network-config': WIFI,
  ssh: `${KEY}\n`,
};

/** What has to be so at the end, whatever happened on the way. */
function isWhole(t: ExecutionContext, drop: DropCard, when: string): void {
  t.deepEqual(
    drop.names.filter((name) => !name.endsWith('.new')),
    ['dualtone.yaml.applied'],
    when,
  );
  t.notRegex(drop.octets, SECRET, when);
  t.regex(drop.settings, /yaml s3cret/, when);
  t.regex(drop.settings, /token s3cret/, when);
  t.is(readFileSync(drop.named('net', 'tlsKey'), 'utf8'), 'key s3cret\n', when);
  t.notRegex(drop.settings, /before/, when);
  t.is(drop.kept('ssh/authorized_keys'), `${KEY}\n`, when);
  t.regex(drop.kept('network/wpa_supplicant-wlan0.conf') ?? '', /wifi s3cret/, when);
}

/** A telephone of somebody else's, and a card with everything for the new owner. */
async function prepared(): Promise<DropCard> {
  const drop = new DropCard({
    'dualtone.json': '{"name": "before"}',
    'network-config': WIFI.replace('Home', 'Old'),
  });
  await drop.start();
  rmSync(join(drop.card, 'dualtone.json.applied'));
  drop.put(EVERYTHING);
  return drop;
}

/** Until the telephone has taken what it was handed. */
async function taken(drop: DropCard): Promise<void> {
  drop.powerOff();
  await drop.stage();
  await drop.telephone();
}

for (const phase of ['stage', 'done'] as const) {
  const title = `power may go at any step of "drop ${phase}": file or effect is there, and the next start finishes`;
  test.serial(title, async (t) => {
    t.timeout(300_000);
    const original = await prepared();
    t.teardown(() => original.remove());
    if (phase === 'done') await taken(original);
    else original.powerOff();
    const copy = () => {
      const drop = original.copied(true);
      drop.convertBy(
        `printf '%s' 'psk="wifi s3cret"' >"$3/wpa_supplicant-wlan0.conf"; : >"$3/70-dualtone-wlan0.network"`,
      );
      return drop;
    };
    const whole = copy();
    const deeds = await whole[phase]();
    whole.remove();
    t.true(deeds > 10, `${deeds} deeds`);
    for (let deed = 1; deed <= deeds; deed++) {
      const drop = copy();
      // By turns: after one deed and before the next are the same moment, but for what a deed leaves half done.
      await drop[phase](deed % 2 === 0 ? { before: deed } : { after: deed });
      await drop.start();
      isWhole(t, drop, `${phase}, deed ${deed} of ${deeds}`);
      drop.remove();
    }
    t.log(`${deeds} deeds`);
  });
}

const noRoot = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'needs root' : noLabBecause();

(noRoot === undefined ? test : test.skip)(
  `a card that is mounted read-only is written for a moment, and read-only again (${noRoot ?? 'as root'})`,
  (t) => {
    const drop = card(t, {});
    const script = `
set -e
mount -t tmpfs card "$1/card"
printf 'name: Kitchen\\n' >"$1/card/dualtone.yaml"
mount -o remount,ro "$1/card"
if touch "$1/card/x" 2>/dev/null; then exit 3; fi
sh "$2" stage
mv "$1/run/drop/dualtone.yaml" "$1/run/drop/dualtone.yaml.applied"
sh "$2" done
ls "$1/card"
if touch "$1/card/x" 2>/dev/null; then exit 4; fi`;
    drop.powerOff();
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', script, 'sh', drop.root, join(DEVICE, 'usr/lib/dualtone/drop')],
      {
        encoding: 'utf8',
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          ...drop.places,
        },
      },
    );
    t.deepEqual([status, stderr], [0, '']);
    t.regex(stdout, /\ndualtone\.yaml\.applied\n$/);
  },
);
