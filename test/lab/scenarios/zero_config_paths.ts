/** Each path to a configuration alone: nothing else of the network names a server. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PeerProcess, until } from '../../support/process.ts';
import type { Unplugged } from '../home.ts';
import { Avahi } from '../peers/avahi.ts';
import { type DhcpOptions, startDhcp, startDhcpcd } from '../peers/dhcp.ts';
import { type Find, House, ownFile, SERVICE } from './zero_config_house.ts';
import { DeskPhone } from './zero_config_phone.ts';

interface Path {
  readonly name: string;
  /** Lines of dnsmasq that name the server; without them there is no DHCP. */
  readonly lines?: (house: House) => readonly string[];
  readonly ipv6?: DhcpOptions['ipv6'];
  /** What the log calls it. */
  readonly from: RegExp;
  /** Does what else is to be done before, and says how the telephone is started. */
  readonly prepare?: (house: House, unplugged: Unplugged) => Promise<Prepared>;
  /** In the short round too. */
  readonly isShort?: true;
}

interface Prepared {
  readonly args?: readonly string[];
  readonly via?: readonly string[];
  /** Further programs, that end with this path. */
  readonly programs?: readonly PeerProcess[];
}

const URL_ = (house: House, family: 4 | 6) => house.url('h/', family);
const colons = (octets: string) =>
  (Buffer.from(octets, 'latin1').toString('hex').match(/../g) ?? []).join(':');
/** A length before what has it, in so many octets. */
const counted = (text: string, width: 1 | 2) =>
  `${width === 2 ? '\0' : ''}${String.fromCharCode(text.length)}${text}`;
const SERVICE_NAME = colons(
  `${SERVICE.split('.')
    .map((label) => counted(label, 1))
    .join('')}\0`,
);

const option4 = (code: number, isShort?: true): Path => ({
  name: `DHCPv4 ${code}`,
  lines: (house) => [`dhcp-option=${code},"${URL_(house, 4)}"`],
  from: new RegExp(`DHCPv4 option ${code} on eth0`),
  ...(isShort && { isShort }),
});

const service = (name: string, lines: readonly string[], told: string, isShort?: true): Path => ({
  name: `RFC 6011 by ${name}`,
  lines: () => lines,
  from: new RegExp(`configuration service of ${SERVICE}, ${told}`),
  ...(isShort && { isShort }),
});

export const PATHS: readonly Path[] = [
  option4(66, true),
  option4(43),
  {
    name: 'DHCPv4 125',
    lines: (house) => [`dhcp-option=vi-encap:9,1,"${URL_(house, 4)}"`],
    from: /DHCPv4 option 125 on eth0/,
  },
  option4(159),
  option4(160),
  {
    name: 'DHCPv4 150, an address alone',
    lines: (house) => [`dhcp-option=150,${house.home.address(4)}`],
    from: /DHCPv4 option 150 on eth0/,
    prepare: atTheRoot,
  },
  {
    name: 'DHCPv4 66, an address alone',
    lines: (house) => [`dhcp-option=66,"${house.home.address(4)}"`],
    from: /DHCPv4 option 66 on eth0/,
    prepare: atTheRoot,
  },
  {
    name: 'DHCPv6 59',
    lines: (house) => [`dhcp-option=option6:59,"${URL_(house, 6)}"`],
    from: /DHCPv6 option 59 on eth0/,
  },
  {
    name: 'DHCPv6 17',
    lines: (house) => [`dhcp-option=option6:17,${colons(`\0\0\0\x09\0\x01${counted(URL_(house, 6), 2)}`)}`],
    from: /DHCPv6 option 17 on eth0/,
  },
  service('DHCPv4 141', [`dhcp-option=141,${SERVICE_NAME}`], 'DHCPv4 option 141'),
  service('DHCPv4 15', [`dhcp-option=15,${SERVICE}`], 'DHCPv4 option 15'),
  service('DHCPv6 58', [`dhcp-option=option6:58,${SERVICE_NAME}`], 'DHCPv6 option 58', true),
  {
    ...service('DNSSL of a router', [`dhcp-option=option6:domain-search,${SERVICE}`], 'router'),
    ipv6: 'advertised',
  },
  { name: 'SIP plug and play', from: /plug and play/i, prepare: plugAndPlay, isShort: true },
  { name: 'DNS-SD', from: /DNS-SD on eth0: PBX/, prepare: serviceOfAvahi },
  { name: 'a drop file with a configuration', from: /is good/, prepare: dropped, isShort: true },
  { name: 'a drop file that names the server', from: /provisioning\.url/, prepare: namesServer },
  {
    name: 'leases of dhcpcd, whose server is gone',
    from: /lease of dhcpcd/,
    prepare: leasesAlone,
    isShort: true,
  },
];

export async function paths(chosen: readonly Path[], find: Find, goal: number): Promise<void> {
  await using house = await House.build('dual');
  house.web.put('sfua', ownFile('2026-11-20.1'));
  for (const [at, path] of chosen.entries()) await alone(house, path, `desk${at}`, find, goal);
}

async function alone(house: House, path: Path, name: string, find: Find, goal: number): Promise<void> {
  const { home } = house;
  const unplugged = await home.unplugged(name);
  const file = `h/${unplugged.mac}.json`;
  house.web.put(file, ownFile('2026-11-20.1'));
  const dhcp = await dhcpOf(path, house);
  const { args, via, programs = [] } = (await path.prepare?.(house, unplugged)) ?? {};
  const began = via === undefined ? await home.plug(unplugged, 'written down') : Date.now();
  const desk = DeskPhone.unpack(home, unplugged, args, via);
  try {
    await desk.registered();
    const ms = Date.now() - began;
    const said = desk.said(path.from)?.text;
    const other = desk.said(/^a configuration from|is good/)?.text;
    find(
      path.name,
      said !== undefined && ms <= goal,
      `registered after ${ms} ms; ${said ?? `not by it, but: ${other}`}`,
    );
  } catch (error) {
    find(path.name, false, error instanceof Error ? error.message : String(error));
  } finally {
    await Promise.all([...programs, ...dhcp, desk.process].map((each) => each.stop()));
    for (const each of [file, `${unplugged.mac}.json`]) house.web.remove(each);
  }
}

async function dhcpOf({ lines, ipv6 = 'told' }: Path, house: House): Promise<readonly PeerProcess[]> {
  return lines === undefined ? [] : [await startDhcp(house.home, { lines: lines(house), ipv6 })];
}

/** Where nobody names a folder, the files stand in none. */
async function atTheRoot(house: House, { mac }: Unplugged): Promise<Prepared> {
  house.web.put(`${mac}.json`, ownFile('2026-11-20.1'));
  return {};
}

/** A server that is known to be broken, on a host of its own. */
async function plugAndPlay(house: House): Promise<Prepared> {
  const host = await house.home.host('pnp');
  const server = new URL('../../provisioning/pnp_servers/counting.ts', import.meta.url).pathname;
  const words = [server, '5060', `${URL_(house, 4)}{mac}.json`, host.ipv4];
  const running = host.run(process.execPath, words);
  await until(
    'the server listens',
    () => running.output.includes('ready'),
    5000,
    () => running.output,
  );
  return { programs: [running] };
}

/** avahi beside the web server says where it is. */
async function serviceOfAvahi({ home }: House): Promise<Prepared> {
  const run: House['home']['run'] = (...words) => home.run(...words);
  const avahi = await Avahi.start(home.lab, { name: 'box', run });
  const publisher = await avahi.publish({
    ...{ name: 'PBX', type: '_dualtone-conf._tcp', port: 443 },
    texts: ['txtvers=1', 'path=/h/', 'https'],
  });
  return { programs: [publisher, avahi.daemon] };
}

function dropFolder(house: House, { host }: Unplugged, text: string): Prepared {
  const folder = house.home.path(`${host.name}-boot`);
  mkdirSync(folder);
  writeFileSync(`${folder}/dualtone.json`, text);
  return { args: ['--drop', folder] };
}

async function dropped(house: House, unplugged: Unplugged): Promise<Prepared> {
  return dropFolder(house, unplugged, ownFile('2026-11-20.1', { provisioning: { mode: 'off' } }));
}

async function namesServer(house: House, unplugged: Unplugged): Promise<Prepared> {
  return dropFolder(house, unplugged, JSON.stringify({ provisioning: { url: URL_(house, 4) } }));
}

/** dhcpcd has asked whom it wanted to ask; who comes after it finds its files and nobody who answers. */
async function leasesAlone(house: House, unplugged: Unplugged): Promise<Prepared> {
  const { home } = house;
  const server = await startDhcp(home, {
    ipv6: 'leases',
    lines: [`dhcp-option-force=160,"${URL_(house, 4)}"`],
  });
  const via = startDhcpcd(home, unplugged);
  await home.plug(unplugged, 'by DHCP');
  const leases = home.path(`${unplugged.host.name}-var-lib-dhcpcd`);
  const isThere = () => existsSync(leases) && readdirSync(leases).includes('eth0.lease');
  await until('dhcpcd has its lease', isThere, 12_000, () => server.output);
  await server.stop();
  await sleep(500);
  return { via };
}
