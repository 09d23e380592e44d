/**
 * Run in a namespace of a laboratory: watches the network there by `netlink` or `monitor` and prints what it sees, a
 * line of JSON each time, until it is told to end; then what it leaves behind.
 */
import { readdirSync } from 'node:fs';
import process from 'node:process';
import { loadLibc } from '#net/libc.ts';
import { byIpMonitor } from '#net/watch/ip_monitor.ts';
import { byNetlink } from '#net/watch/netlink.ts';
import { NetworkWatch } from '#net/watch/network_watch.ts';

export interface Sight {
  /** ms since the epoch: the one clock of all processes. */
  readonly at: number;
  readonly how?: string;
  readonly addresses?: readonly string[];
  readonly resolvers?: true;
  readonly left?: readonly string[];
  /** Descriptors opened and not closed. */
  readonly more?: number;
}

const say = (sight: Omit<Sight, 'at'>) => console.log(JSON.stringify({ at: Date.now(), ...sight }));
const descriptors = () => readdirSync('/proc/self/fd').length;

const source = { netlink: byNetlink(loadLibc), monitor: byIpMonitor('ip', 20) }[process.argv[2] ?? ''];
// Loads what is loaded once and stays.
await loadLibc();
const before = descriptors();
const watch = new NetworkWatch(
  {
    addresses: ({ ipv4, ipv6 }) => say({ addresses: [...ipv4, ...ipv6] }),
    resolvers: () => say({ resolvers: true }),
    watching: (how) => say({ how, addresses: [...watch.current.ipv4, ...watch.current.ipv6] }),
  },
  { wakeUps: source ? [source] : [], patience: 1 },
);
// The watch itself holds nobody: who runs a telephone has other things that do.
const alive = setInterval(() => {}, 60_000);
process.once('SIGTERM', () => {
  watch.close();
  clearInterval(alive);
  // The descriptor of a polled socket is closed a turn later, a child's pipe when the child is gone.
  setTimeout(() => setImmediate(leave), 300);
});

function leave(): void {
  const handles = process.getActiveResourcesInfo();
  say({
    left: handles.filter((name) => /Timeout|Process|Poll/.test(name)),
    more: descriptors() - before,
  });
}
