/** The network interfaces of this computer, as the kernel describes them in /sys/class/net. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { LinkLayer } from '#provisioning/discovery/identity.ts';
import { interfaceIndex } from './packet_socket.ts';

const FOLDER = '/sys/class/net';
/** ARPHRD_ETHER: Ethernet, and Wi-Fi, which looks like it. */
const ETHERNET = '1';

/** Those of Ethernet and Wi-Fi, in the order in which the kernel found them; also without cable. */
export function linkLayers(folder = FOLDER): readonly LinkLayer[] {
  return namesIn(folder)
    .filter((name) => textOf(`${folder}/${name}/type`) === ETHERNET)
    .toSorted((a, b) => (interfaceIndex(a) ?? 0) - (interfaceIndex(b) ?? 0))
    .map((name) => ({
      name,
      mac: textOf(`${folder}/${name}/address`),
      wireless: existsSync(`${folder}/${name}/wireless`) || existsSync(`${folder}/${name}/phy80211`),
      physical: existsSync(`${folder}/${name}/device`),
    }));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
