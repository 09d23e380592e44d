/** Whether this machine can have a laboratory. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { SYSTEM_PATH } from './command.ts';

/** Debian package of each of the laboratory's own programs. */
const PACKAGE = {
  ip: 'iproute2',
  sysctl: 'procps',
  nft: 'nftables',
  nsd: 'nsd',
  tcpdump: 'tcpdump',
  socat: 'socat',
  openssl: 'openssl',
  ping: 'iputils-ping',
  rtpengine: 'rtpengine-daemon',
  dnsmasq: 'dnsmasq-base',
  dhcpcd: 'dhcpcd-base',
  'kea-dhcp4': 'kea-dhcp4-server',
  'kea-dhcp6': 'kea-dhcp6-server',
  'avahi-daemon': 'avahi-daemon',
  'avahi-browse': 'avahi-utils',
  'avahi-publish': 'avahi-utils',
  'dbus-daemon': 'dbus-daemon',
} as const;

export type Tool = keyof typeof PACKAGE;

const LAB: readonly Tool[] = ['ip', 'sysctl', 'nft', 'nsd', 'tcpdump', 'socat', 'openssl'];

/** Why no laboratory with these tools can be built here; undefined: it can. */
export function noLabBecause(tools: readonly Tool[] = []): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  const missing = [...LAB, ...tools].filter((tool) => !isInstalled(tool));
  if (missing.length > 0) {
    const packages = missing.map((tool) => PACKAGE[tool]).join(' ');
    return `needs ${missing.join(', ')}: apt-get install ${packages}`;
  }
  // Test files are threads of one process, and several of them may ask at the same time.
  const probe = `dualtone-${process.pid}-${threadId}-probe`;
  const { status } = spawnSync('ip', ['netns', 'add', probe]);
  spawnSync('ip', ['netns', 'del', probe]);
  return status === 0 ? undefined : 'needs a kernel and a container that allow network namespaces';
}

function isInstalled(tool: Tool): boolean {
  return SYSTEM_PATH.split(':').some((folder) => existsSync(`${folder}/${tool}`));
}

export function isTool(program: string): program is Tool {
  return program in PACKAGE;
}
