/** What the kernel has to know of the TUN interface: that it is up, the router's address and the way to its /64. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type Ipv6, ipv6Text } from '#socket6bed4/address/ipv6.ts';
import { MTU } from '#socket6bed4/packet/ipv6.ts';
import { prefixText } from './settings.ts';
import { TunError } from './tun.ts';

const FORWARDING = '/proc/sys/net/ipv6/conf/all/forwarding';
/** Milliseconds; `ip` waits for nothing. */
const PATIENCE = 5000;

/** One that is there already was set up by who made it, and stays as it is. */
export function exists(interfaceName: string): boolean {
  return existsSync(`/sys/class/net/${interfaceName}`);
}

/** What is given to `ip`, one command a line. Without a link-local address the kernel sends nothing of its own there. */
export function commandsFor(name: string, prefix: Uint8Array, address: Ipv6): readonly string[] {
  return [
    `link set dev ${name} addrgenmode none`,
    `link set dev ${name} mtu ${MTU} up`,
    `-6 addr add ${ipv6Text(address)}/128 dev ${name} nodad`,
    `-6 route add ${prefixText(prefix)} dev ${name}`,
  ];
}

/** Rejects with a TunError that names the command, the kernel's complaint and what to do. */
export async function setUp(commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const complaint = await ip(command.split(' '));
    if (complaint === undefined) continue;
    throw new TunError(
      `"ip ${command}" failed: ${complaint}; run as root or with CAP_NET_ADMIN, or make the interface beforehand and give it its address and route yourself`,
    );
  }
}

/** Undefined: done. */
function ip(words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('ip', words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: PATIENCE });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 500);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : complaint.trim().replaceAll('\n', ' ') || `${code}`),
    );
  });
}

/** A sentence when the kernel would not pass packets between its interfaces. */
export function forwardingHint(): readonly string[] {
  try {
    if (readFileSync(FORWARDING, 'utf8').trim() === '1') return [];
  } catch {
    // Not Linux's usual /proc: nothing is known.
    return [];
  }
  return [
    'this host does not forward IPv6, so only itself is reached: sysctl -w net.ipv6.conf.all.forwarding=1',
  ];
}
