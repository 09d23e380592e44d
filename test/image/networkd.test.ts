/**
 * The card's files of systemd-networkd and wpa_supplicant, read by these programs themselves, in a namespace with a DHCP server
 * at the other end of the wire.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { readNetworkdLease } from '#provisioning/discovery/leases.ts';
import { readNetworkConfig } from '#provisioning/network_config.ts';
import { command, ip } from '../lab/command.ts';
import { inLab } from '../lab/in_lab.ts';
import { needing } from '../support/needs.ts';
import { PeerProcess, until } from '../support/process.ts';
import { whereIs } from '../support/programs.ts';
import { DEVICE } from './staged.ts';

const NETWORKD = '/usr/lib/systemd/systemd-networkd';
/**
 * networkd with a /run of its own, in which udev has been: what it says in `$1/said`, what it keeps in `$1/lease`. Debian's
 * user for it may be missing here; then it is root.
 */
const INSIDE = `
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/network /run/systemd/networkd.conf.d /run/udev/data
cp "$1"/network/* /run/systemd/network/
cp ${DEVICE}/usr/lib/systemd/networkd.conf.d/* /run/systemd/networkd.conf.d/
chmod -R a+rX /run/systemd
echo I:1 >"/run/udev/data/n$(cat /sys/class/net/eth0/ifindex)"
touch /run/udev/control
for folder in netif netif/links netif/leases netif/lldp; do
  install -d -o systemd-network -g systemd-network "/run/systemd/$folder" || mkdir -p "/run/systemd/$folder"
done
SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console ${NETWORKD} >"$1/said" 2>&1 &
networkd=$!
for try in $(seq 100); do
  sleep 0.1
  if cat /run/systemd/netif/leases/* >"$1/lease" 2>/dev/null; then break; fi
done
kill $networkd
wait $networkd || true
`;

async function wire(t: ExecutionContext) {
  const stem = `dualtone-${process.pid}-${threadId}-nd`;
  const [phone, server] = [`${stem}-phone`, `${stem}-server`];
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-networkd-'));
  t.teardown(async () => {
    for (const name of [phone, server]) await command('ip', ['netns', 'del', name]).catch(() => '');
    rmSync(folder, { recursive: true, force: true });
  });
  await ip([`netns add ${phone}`, `netns add ${server}`]);
  await ip([`link add eth0 netns ${phone} type veth peer name wire netns ${server}`]);
  await ip(['addr add 10.81.0.1/24 dev wire', 'link set wire up', 'link set lo up'], server);
  return { phone, server, folder };
}

const hasNetworkd = (() => {
  try {
    return readFileSync(NETWORKD).length > 0;
  } catch {
    return false;
  }
})();
const withDhcp = hasNetworkd
  ? inLab('dnsmasq')
  : (title: string, body: (t: ExecutionContext) => Promise<void> | void) =>
      test.skip(`${title} (needs systemd-networkd: apt-get install systemd)`, body);

withDhcp('networkd understands every line, asks for what provisioning reads, and keeps it', async (t) => {
  t.timeout(40_000);
  const { phone, server, folder } = await wire(t);
  const network = join(folder, 'network');
  cpSync(join(DEVICE, 'usr/lib/systemd/network'), network, { recursive: true });
  const wired = join(network, '80-dualtone-wired.network');
  // A real cable is no veth; the rest is as it lies on the card.
  writeFileSync(wired, readFileSync(wired, 'utf8').replace('Kind=!*\n', ''));
  const converted = readNetworkConfig({
    ethernets: { eth7: { addresses: ['192.0.2.7/24'], routes: [{ to: 'default', via: '192.0.2.1' }] } },
    wifis: { wlan0: { 'access-points': { Home: { password: 'long enough' } } } },
  });
  if ('error' in converted) return t.fail(converted.error);
  for (const { name, text } of converted.files)
    if (name.endsWith('.network')) writeFileSync(join(network, name), text);
  const range = '--dhcp-range=10.81.0.50,10.81.0.50,120';
  const options = ['15,lan.test', '42,10.81.0.1', '120,sip.lan.test', '224,"https://pbx.test/"'];
  const dnsmasq = new PeerProcess('ip', [
    ...['netns', 'exec', server, 'dnsmasq', '-d', '--conf-file=/dev/null', '-p0', '-i', 'wire', range],
    ...[...options.map((option) => `--dhcp-option-force=${option}`), '--log-dhcp', '--dhcp-authoritative'],
    `--dhcp-leasefile=${join(folder, 'leases')}`,
  ]);
  t.teardown(() => dnsmasq.stop());
  await until('dnsmasq serves', () => dnsmasq.output.includes('IP range'));
  const inside = spawn('ip', ['netns', 'exec', phone, 'unshare', '-m', 'sh', '-c', INSIDE, 'sh', folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise((resolve) => inside.on('close', resolve));
  const said = readFileSync(join(folder, 'said'), 'utf8');
  t.is(code, 0, said.slice(-3000));
  const complaints = /\.(?:network|conf):\d+:|Unknown (?:key|section|lvalue)|already exists, ignoring/;
  t.deepEqual(
    said.split('\n').filter((line) => complaints.test(line)),
    [],
  );
  t.regex(said, /LLDP Rx: Started LLDP client/);
  t.regex(said, /DHCPv6 client: Sent/);
  const asked = [...dnsmasq.output.matchAll(/requested options: (.*)/g)].map(([, list]) => list).join(' ');
  for (const option of [15, 42, 43, 66, 67, 119, 120, 125, 141, 150, 159, 160])
    t.regex(asked, new RegExp(`\\b${option}\\b`));
  const lease = readNetworkdLease(readFileSync(join(folder, 'lease'), 'utf8'), 'eth0');
  t.deepEqual(lease.addresses, ['10.81.0.50']);
  t.true(lease.facts.domains.some(({ domain }) => domain === 'lan.test'));
  t.deepEqual(lease.facts.ntp, ['10.81.0.1']);
});

needing('wpa_supplicant')(
  'wpa_supplicant reads what is written for it, whatever name the network has',
  async (t) => {
    const converted = readNetworkConfig({
      wifis: {
        wlan0: {
          'regulatory-domain': 'NL',
          'access-points': {
            'a "quoted" }\nname': { password: 'also "quoted" }', hidden: true },
            'd’Artagnan': { auth: { 'key-management': 'sae', password: 'long enough' } },
            open: {},
          },
        },
      },
    });
    if ('error' in converted) return t.fail(converted.error);
    const folder = mkdtempSync(join(tmpdir(), 'dualtone-wifi-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    for (const { name, text } of converted.files) writeFileSync(join(folder, name), text);
    t.true(readdirSync(folder).includes('wpa_supplicant-wlan0.conf'));
    const read = async (path: string) => {
      // There is no such interface: it ends when it has read the file.
      const words = ['-Dnone', '-iabsent', '-c', path, '-dd'];
      const supplicant = new PeerProcess(whereIs('wpa_supplicant') ?? '', words);
      await supplicant.exit(5000);
      return supplicant.output;
    };
    const said = await read(join(folder, 'wpa_supplicant-wlan0.conf'));
    t.is(said.match(/start of a new network block/g)?.length, 3, said);
    t.regex(said, /id=2 ssid='open'/);
    t.notRegex(said, /Failed to (?:read|parse)|unknown/i);
    writeFileSync(join(folder, 'broken'), 'network={\n  ssid=0\n}\n');
    t.regex(await read(join(folder, 'broken')), /Failed to read or parse/);
  },
);
