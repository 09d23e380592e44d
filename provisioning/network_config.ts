/**
 * `network-config` of the card's first partition, as Raspberry Pi Imager and cloud-init write it (netplan, version 2),
 * becomes files of systemd-networkd and wpa_supplicant. Of netplan what a telephone needs: addresses, routes, name servers,
 * and which Wi-Fi with which password. What is not understood is told; what cannot be used is refused, with its path.
 */
import { isIP } from 'node:net';
import { address, known, listed, mapping, prefix, Refused, text, whole, yesOrNo } from './network_values.ts';
import type { Mapping } from './schema_shape.ts';

export interface NetworkFile {
  readonly name: string;
  readonly text: string;
}

export type NetworkConfig =
  | { readonly files: readonly NetworkFile[]; readonly warnings: readonly string[] }
  /** `/wifis/wlan0/access-points: …`; nothing of it counts. */
  | { readonly error: string };

/** Names become names of files: IFNAMSIZ, and no separators. */
const INTERFACE = /^[A-Za-z][A-Za-z0-9_-]{0,14}$/;
/** Before those of the system (80-dualtone-*.network). */
const ORDER = '70-dualtone';
const MOST = { interfaces: 8, accessPoints: 16 } as const;

const ETHERNET = [
  'addresses',
  'dhcp4',
  'dhcp6',
  'accept-ra',
  'gateway4',
  'gateway6',
  'nameservers',
  'routes',
  'mtu',
];

/** @param raw as YAML has it. Never throws. */
export function readNetworkConfig(raw: unknown): NetworkConfig {
  const warnings: string[] = [];
  try {
    const root = mapping(raw, '');
    // cloud-init takes it with and without this key around it.
    const network = root.network === undefined ? root : mapping(root.network, '/network');
    if (network.version !== undefined && Number(network.version) !== 2)
      throw new Refused('/version: expected 2: version 1 is not read');
    known(network, '', ['version', 'ethernets', 'wifis'], warnings);
    const files = [
      ...interfaces(network, 'ethernets').flatMap(([name, value, at]) => ethernet(name, value, at, warnings)),
      ...interfaces(network, 'wifis').flatMap(([name, value, at]) =>
        wifi(name, value, at, network, warnings),
      ),
    ];
    if (files.length === 0) throw new Refused('/: neither ethernets nor wifis are in it');
    return { files, warnings };
  } catch (error) {
    if (error instanceof Refused) return { error: error.message };
    return { error: 'the file cannot be used' };
  }
}

function interfaces(network: Mapping, kind: 'ethernets' | 'wifis'): readonly [string, Mapping, string][] {
  if (network[kind] === undefined || network[kind] === null) return [];
  // netplan lets a renderer stand beside the interfaces, and Raspberry Pi Imager 1 puts it there.
  const all = Object.entries(mapping(network[kind], `/${kind}`)).filter(([name]) => name !== 'renderer');
  if (all.length > MOST.interfaces) throw new Refused(`/${kind}: more than ${MOST.interfaces} interfaces`);
  return all.map(([name, value]) => {
    const at = `/${kind}/${name}`;
    if (!INTERFACE.test(name)) throw new Refused(`/${kind}: ${JSON.stringify(name)} is no interface`);
    return [name, mapping(value ?? {}, at), at];
  });
}

function ethernet(name: string, value: Mapping, at: string, warnings: string[]): readonly NetworkFile[] {
  known(value, at, ETHERNET, warnings);
  return [networkd(name, value, at, 100)];
}

/** What the system's own files say of every interface stands here once more: networkd takes one file for each. */
function networkd(name: string, value: Mapping, at: string, metric: number): NetworkFile {
  const addresses = listed(value.addresses, `${at}/addresses`).map((each, i) =>
    prefix(each, `${at}/addresses/${i}`),
  );
  // A fixed address of a family takes the place of its DHCP, unless both are asked for.
  const has = (family: 4 | 6) => addresses.some((address) => isIP(address.split('/')[0] ?? '') === family);
  const dhcp4 = yesOrNo(value.dhcp4, `${at}/dhcp4`) ?? !has(4);
  const dhcp6 = yesOrNo(value.dhcp6, `${at}/dhcp6`) ?? true;
  const acceptRa = yesOrNo(value['accept-ra'], `${at}/accept-ra`) ?? true;
  const mtu = value.mtu === undefined ? undefined : whole(value.mtu, `${at}/mtu`, 576, 9000);
  const lines = [
    '[Match]',
    `Name=${name}`,
    '',
    '[Link]',
    'RequiredForOnline=no',
    ...(mtu === undefined ? [] : [`MTUBytes=${mtu}`]),
    '',
    '[Network]',
    `DHCP=${dhcp4 && dhcp6 ? 'yes' : dhcp4 ? 'ipv4' : dhcp6 ? 'ipv6' : 'no'}`,
    `IPv6AcceptRA=${acceptRa ? 'yes' : 'no'}`,
    'LinkLocalAddressing=yes',
    'IPv6LinkLocalAddressGenerationMode=eui64',
    'IPv6PrivacyExtensions=no',
    'LLDP=yes',
    'EmitLLDP=nearest-bridge',
    'LLMNR=no',
    'MulticastDNS=no',
    ...addresses.map((address) => `Address=${address}`),
    ...gateways(value, at),
    ...nameservers(value.nameservers, `${at}/nameservers`),
    ...routes(value.routes, `${at}/routes`),
    ...DHCP,
    `RouteMetric=${metric}`,
  ];
  return { name: `${ORDER}-${name}.network`, text: `${lines.join('\n')}\n` };
}

/** As in 80-dualtone-wired.network, which says why. */
const DHCP = [
  '',
  '[DHCPv6]',
  'DUIDType=link-layer',
  'UseDomains=yes',
  'UseHostname=no',
  'RequestOptions=17 21 22 58 59',
  'WithoutRA=solicit',
  '',
  '[IPv6AcceptRA]',
  'UseDomains=yes',
  '',
  '[DHCPv4]',
  'ClientIdentifier=mac',
  'UseDomains=yes',
  'UseSIP=yes',
  'UseMTU=yes',
  'UseHostname=no',
  'RequestOptions=15 42 43 66 67 100 101 119 120 125 141 150 159 160 224 225',
];

function gateways(value: Mapping, at: string): readonly string[] {
  return (['gateway4', 'gateway6'] as const).flatMap((key) => {
    if (value[key] === undefined) return [];
    const family = key === 'gateway4' ? 4 : 6;
    return [`Gateway=${address(value[key], `${at}/${key}`, family)}`];
  });
}

function nameservers(value: unknown, at: string): readonly string[] {
  if (value === undefined) return [];
  const servers = mapping(value, at);
  const domains = listed(servers.search, `${at}/search`).map((each, i) => {
    const domain = text(each, `${at}/search/${i}`);
    if (!/^[A-Za-z0-9._-]{1,253}$/.test(domain)) throw new Refused(`${at}/search/${i}: expected a domain`);
    return domain;
  });
  return [
    ...listed(servers.addresses, `${at}/addresses`).map(
      (each, i) => `DNS=${address(each, `${at}/addresses/${i}`)}`,
    ),
    ...(domains.length === 0 ? [] : [`Domains=${domains.join(' ')}`]),
  ];
}

function routes(value: unknown, at: string): readonly string[] {
  return listed(value, at).flatMap((each, i) => {
    const route = mapping(each, `${at}/${i}`);
    const via = address(route.via, `${at}/${i}/via`);
    const to = route.to === 'default' ? undefined : prefix(route.to, `${at}/${i}/to`);
    return ['', '[Route]', ...(to === undefined ? [] : [`Destination=${to}`]), `Gateway=${via}`];
  });
}

function wifi(
  name: string,
  value: Mapping,
  at: string,
  network: Mapping,
  warnings: string[],
): readonly NetworkFile[] {
  known(value, at, [...ETHERNET, 'access-points', 'regulatory-domain'], warnings);
  const points = Object.entries(mapping(value['access-points'], `${at}/access-points`));
  if (points.length === 0) throw new Refused(`${at}/access-points: none is in it`);
  if (points.length > MOST.accessPoints)
    throw new Refused(`${at}/access-points: more than ${MOST.accessPoints}`);
  const given = value['regulatory-domain'] ?? network['regulatory-domain'];
  const country = given === undefined ? undefined : text(given, `${at}/regulatory-domain`).toUpperCase();
  if (country !== undefined && !/^([A-Z]{2}|00)$/.test(country))
    throw new Refused(`${at}/regulatory-domain: expected two letters, as NL`);
  if (country === undefined) warnings.push(`${at}/regulatory-domain: is missing; some channels stay unused`);
  const lines = [
    'ctrl_interface=DIR=/run/wpa_supplicant',
    'update_config=0',
    ...(country === undefined ? [] : [`country=${country}`]),
    ...points.flatMap(([ssid, point]) =>
      accessPoint(
        ssid,
        mapping(point ?? {}, `${at}/access-points/${ssid}`),
        `${at}/access-points/${ssid}`,
        warnings,
      ),
    ),
  ];
  return [
    networkd(name, value, at, 600),
    { name: `wpa_supplicant-${name}.conf`, text: `${lines.join('\n')}\n` },
  ];
}

/** IEEE 802.11: 1 to 32 octets of any kind. In hexadecimal nothing of them means anything to the reader. */
function accessPoint(ssid: string, point: Mapping, at: string, warnings: string[]): readonly string[] {
  const octets = Buffer.from(ssid, 'utf8');
  if (octets.length < 1 || octets.length > 32) throw new Refused(`${at}: a name has 1 to 32 octets`);
  known(point, at, ['password', 'hidden', 'auth', 'bssid', 'band', 'channel'], warnings);
  const auth = point.auth === undefined ? {} : mapping(point.auth, `${at}/auth`);
  const management = auth['key-management'] ?? (point.password === undefined ? 'none' : 'psk');
  return [
    'network={',
    `  ssid=${octets.toString('hex')}`,
    ...(yesOrNo(point.hidden, `${at}/hidden`) === true ? ['  scan_ssid=1'] : []),
    ...keys(management, auth.password ?? point.password, at),
    '}',
  ];
}

function keys(management: unknown, password: unknown, at: string): readonly string[] {
  switch (management) {
    case 'none':
      return ['  key_mgmt=NONE'];
    case 'psk':
    case 'sae': {
      const secret = text(password, `${at}/password`);
      const isKey = /^[0-9a-fA-F]{64}$/.test(secret);
      // IEEE 802.11 J.4.1: a passphrase is 8 to 63 characters of ASCII; a quote in it is no end, only the last one is.
      if (!isKey && !/^[ -~]{8,63}$/.test(secret))
        throw new Refused(`${at}/password: expected 8 to 63 characters of ASCII, or 64 of hexadecimal`);
      // SAE and access points that demand it want the passphrase itself; both where both are spoken.
      if (isKey) return ['  key_mgmt=WPA-PSK WPA-PSK-SHA256', `  psk=${secret}`, '  ieee80211w=1'];
      const how = management === 'sae' ? 'SAE' : 'WPA-PSK WPA-PSK-SHA256 SAE';
      return [`  key_mgmt=${how}`, `  psk="${secret}"`, '  ieee80211w=1'];
    }
    default:
      throw new Refused(`${at}/auth/key-management: expected none, psk or sae: others are not built`);
  }
}
