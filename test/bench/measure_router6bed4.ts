/**
 * Child of run.ts: `node measure_router6bed4.ts router|node` prints thousands of packets with 172 octets that the
 * built router relays between two peers on loopback, or that a socket of node:dgram sends back, in a CPU-second.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnd } from '../../firmware/socket6bed4/address/ipv4.ts';
import { addressOf, DEFAULT_NETID, routerPrefix } from '../../firmware/socket6bed4/address/sixbed4.ts';
import { udpPacket } from '../../firmware/socket6bed4/packet/udp.ts';
import { cpuOf } from './cpu_of.ts';
import { median } from './rate.ts';
import type { Place } from './sixbed4_end.ts';
import { End } from './sixbed4_path.ts';

const PROGRAM = new URL('../../dist/dualtone.js', import.meta.url).pathname;
const RATE = 10_000;
const ROUNDS = 6;
/** ms that the last packets may take. */
const SETTLING = 100;
/** Nobody else's, and not the port of routers, which another program of this host may have. */
const ROUTER: Place = { address: '127.66.4.2', port: 25791 };

const [who = ''] = process.argv.slice(2);

/** Ours, serving; a line that it says is its greeting. */
async function startRouter() {
  const listen = `${ROUTER.address}:${ROUTER.port}`;
  const args = [PROGRAM, 'router6bed4', '--listen', listen, '--on-link', '127.0.0.0/8'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said] = await once(child.stderr, 'data');
  if (!/router at/.test(String(said))) throw new Error(`the router did not start: ${said}`);
  return child;
}

function addressAt({ address, port }: Place): Uint8Array {
  const [router, end] = [ROUTER, { address, port }].map((place) => parseEnd(place.address, place.port));
  if (router === undefined || end === undefined) throw new Error(`no IPv4 address: ${address}`);
  return addressOf(routerPrefix(DEFAULT_NETID, router.ipv4), end);
}

/** What the router relays from one to the other. */
function packetBetween(near: Place, far: Place): Uint8Array {
  const [from, to] = [near, far].map((place) => ({ address: addressAt(place), port: 5004 }));
  if (from === undefined || to === undefined) throw new Error('two ends are needed');
  return udpPacket(from, to, Buffer.alloc(172), 64);
}

/** Packets that reach `to` by the process `id` in a CPU-second of that. */
async function rate(
  near: End,
  to: End,
  id: number,
  stream: { to: Place; octets?: Uint8Array },
): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [cpu, { received }] = [cpuOf(id), await to.tell({ kind: 'state' })];
    await near.tell({ kind: 'stream', rate: RATE, packets: RATE, ...stream });
    await sleep(SETTLING);
    const arrived = (await to.tell({ kind: 'state' })).received - received;
    // The first round is there for the compiler.
    if (round > 0) rates.push((arrived / (cpuOf(id) - cpu)) * 1000);
  }
  return median(rates);
}

async function measure(): Promise<number> {
  const near = await End.start(['plain']);
  const far = await End.start(['plain']);
  const router = who === 'router' ? await startRouter() : undefined;
  try {
    if (router !== undefined) {
      const octets = packetBetween(near.place, far.place);
      return await rate(near, far, router.pid ?? 0, { to: ROUTER, octets });
    }
    await far.tell({ kind: 'echo', on: true });
    return await rate(near, near, far.id, { to: far.place });
  } finally {
    router?.kill('SIGKILL');
    near.stop();
    far.stop();
  }
}

console.log(JSON.stringify({ value: (await measure()) / 1000 }));
