/** Late packets without netem: the router sends what is for one address through a TUN device that `relay.ts` holds. */
import type { Family } from '#address/endpoint.ts';
import { type PeerProcess, until } from '../support/process.ts';
import { familyOf } from './addressing.ts';
import { ip } from './command.ts';
import { lateLink } from './faults.ts';
import type { Host } from './host.ts';

const RELAY = new URL('relay.ts', import.meta.url).pathname;
/** The relay and socat meet on loopback of the router, at this port plus the host's number and the family's. */
const FIRST_PORT = 20_000;

interface Router {
  readonly router: string;
  runOnRouter(program: string, args: readonly string[]): PeerProcess;
}

/** Packets to `address` come `ms` later, until the process is stopped. */
export async function startDelay(lab: Router, host: Host, address: string, ms: number): Promise<PeerProcess> {
  const family = familyOf(address);
  const device = lateLink(host.name, family);
  const port = FIRST_PORT + 4 * host.number + family;
  const relay = lab.runOnRouter(process.execPath, [RELAY, device, String(port), String(ms)]);
  await until(
    'the relay is there',
    async () => relay.output.includes('ready') && (await exists(lab.router, device)),
    5000,
    () => relay.output,
  );
  const table = 1000 + port;
  await ip([`route replace default dev ${device} table ${table}`], lab.router, family);
  // What comes back from the relay goes the usual way.
  await ensureRule(lab.router, family, `iif ${device} lookup main pref 100`);
  await ensureRule(lab.router, family, `to ${address} lookup ${table} pref 200`);
  return relay;
}

/** A rule outlives its device, and is there already when the delay is set a second time. */
async function ensureRule(namespace: string, family: Family, rule: string): Promise<void> {
  await ip([`rule add ${rule}`], namespace, family).catch((error) => {
    if (!String(error).includes('File exists')) throw error;
  });
}

async function exists(namespace: string, device: string): Promise<boolean> {
  return ip([`link show ${device} up`], namespace).then(
    () => true,
    () => false,
  );
}
