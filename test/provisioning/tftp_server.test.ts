/** A real TFTP server, dnsmasq, over both families; and a telephone that DHCP leads there by a bare address. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inLab } from '../lab/in_lab.ts';
import { type PeerProcess, until } from '../support/process.ts';
import { Lan, SERVER_LINK } from './lan.ts';

const CHILD = new URL('sources/tftp_child.ts', import.meta.url).pathname;
const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
const FILE = 'dca632010203.json';

const hashOf = (octets = Buffer.of()) => createHash('sha256').update(octets).digest('hex');

const withDnsmasq = inLab('dnsmasq');

interface Came {
  readonly kind: string;
  /** Of the octets that came. */
  readonly hash?: string;
  readonly address?: string;
  readonly failure?: { readonly kind: string; readonly error: string };
  readonly ms: number;
}

async function lanWith(lines: readonly string[] = [], files: Readonly<Record<string, Buffer>> = {}) {
  const lan = await Lan.create(['10.9.0.1/24', '2001:db8:9::1/64']);
  await lan.giveAddress('10.9.0.5/24');
  await lan.giveAddress('2001:db8:9::5/64');
  const root = lan.folder('tftp');
  for (const [name, octets] of Object.entries(files)) writeFileSync(join(root, name), octets);
  const settings = [`interface=${SERVER_LINK}`, 'port=0', 'enable-tftp', `tftp-root=${root}`, ...lines];
  const file = lan.file('dnsmasq.conf', `${settings.join('\n')}\n`);
  const server = lan.server('dnsmasq', ['-k', '-C', file, '--pid-file=', '--log-facility=-', '--user=root']);
  await until(
    'dnsmasq runs',
    () => /TFTP root is/.test(server.output),
    5_000,
    () => server.output,
  );
  return { lan, server, root };
}

async function fetched(lan: Lan, ...urls: readonly string[]): Promise<readonly Came[]> {
  const child: PeerProcess = lan.phone(process.execPath, [CHILD, ...urls]);
  await child.exit(40_000);
  return child.output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}

withDnsmasq(
  'files of every length come whole over IPv4 and IPv6, and a second time as unchanged',
  async (t) => {
    const files = Object.fromEntries([0, 1, 512, 1_228, 300_000].map((n) => [`${n}.bin`, randomBytes(n)]));
    const { lan } = await lanWith([], files);
    await using _ = lan;
    const urls = Object.keys(files).flatMap((name) => [
      `tftp://10.9.0.1/${name}`,
      `tftp://[2001:db8:9::1]/${name}`,
    ]);
    const came = await fetched(lan, ...urls, 'tftp://10.9.0.1/300000.bin');
    for (const [at, url] of urls.entries()) {
      const name = url.split('/').at(-1) ?? '';
      t.like(came[at], { kind: 'content', hash: hashOf(files[name]) }, url);
    }
    t.is(came.at(-1)?.kind, 'unchanged');
    t.log(`300 000 octets in ${came[8]?.ms} ms over IPv4, ${came[9]?.ms} ms over IPv6`);
  },
);

withDnsmasq(
  'what is not there is absent, and an address that is silent does not keep the next one waiting',
  async (t) => {
    const { lan } = await lanWith([], { 'x.bin': Buffer.from('x') });
    await using _ = lan;
    const [absent, second] = await fetched(lan, 'tftp://10.9.0.1/nothing.cfg', 'tftp://two-addresses/x.bin');
    t.is(absent?.kind, 'absent');
    t.like(second, { kind: 'content', address: '10.9.0.1' });
    t.true((second?.ms ?? 0) >= 1_000 && (second?.ms ?? 9e9) < 4_000, `${second?.ms} ms`);
  },
);

for (const [option, line] of [
  [66, 'dhcp-option=66,"10.9.0.1"'],
  [150, 'dhcp-option=150,10.9.0.1'],
] as const) {
  withDnsmasq(
    `DHCP option ${option} with a bare address leads to TFTP where it is allowed, after https and http`,
    async (t) => {
      const file = JSON.stringify({ schema: 'dualtone.config/1', version: '2026-11-20.1', name: 'By TFTP' });
      const { lan } = await lanWith([line, 'dhcp-range=10.9.0.50,10.9.0.99,1h', 'leasefile-ro'], {
        [FILE]: Buffer.from(file),
      });
      await using _ = lan;
      const config = lan.file('config.json', JSON.stringify({ provisioning: { allowTftp: true } }));
      const words = ['run', '--config', config, '--data', join(lan.directory, 'data'), '--http', 'off'];
      const telephone = lan.phone(process.execPath, [MAIN, ...words, '--board', 'sim', '--log', 'debug']);
      await until(
        'a configuration is there',
        () => telephone.output.includes('from 10.9.0.1 is on trial'),
        20_000,
        () => telephone.output,
      );
      t.regex(telephone.output, new RegExp(`a configuration from DHCPv4 option ${option} on eth0`));
      t.notRegex(telephone.output, /not built/);
      const order = [...telephone.output.matchAll(/no configuration from (https?):/g)].map(([, way]) => way);
      t.deepEqual(order, ['https', 'http']);
    },
  );
}
