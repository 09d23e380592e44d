/**
 * How long a request takes to the server that lives: from the first packet of the attempt, whatever and to whomever
 * it is (a probe, a SYN, the request itself), to the request on its way to an address where somebody answers. Both
 * times are the kernel's, taken on the caller's link; what TLS hides, the server tells.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Capture } from './capture.ts';
import type { Host } from './host.ts';
import type { Packet } from './packet.ts';

export interface Aim {
  readonly method: 'REGISTER' | 'INVITE';
  /** Addresses of the server that lives. */
  readonly living: readonly string[];
  /** Where the request cannot be read on the wire: time of its arrival since a time, both in ms since 1970. */
  readonly heard?: (since: number) => number | undefined;
  /** Milliseconds after the first packet at which the attempt counts as failed. */
  readonly limit: number;
}

export interface Reached {
  /** Undefined: not within the limit. */
  readonly ms: number | undefined;
  /** Whether anything was sent to an address that is none of the living. */
  readonly metTrouble: boolean;
}

const SIP_PORTS: ReadonlySet<number> = new Set([5060, 5061]);
/** CRLF CRLF (RFC 5626 3.5.1). */
const KEEP_ALIVE = 4;
/** Milliseconds for the program to start and ask the name server. */
const START = 15_000;

/** Does what makes the caller send, and watches; both are over at the end. Rejects when nothing at all is sent. */
export async function attempt(
  caller: Host,
  capture: Capture,
  aim: Aim,
  begin: () => Promise<unknown>,
): Promise<Reached> {
  const seen = capture.packets.length;
  const started = performance.now();
  const begun = Promise.allSettled([begin()]);
  for (;;) {
    const sent = capture.packets
      .slice(seen)
      .filter((packet) => begins(packet) && caller.addresses.includes(packet.from.address));
    const [first] = sent;
    const arrived = first && arrival(sent, first, aim);
    if (first && (arrived !== undefined || Date.now() - first.time > aim.limit)) {
      await begun;
      return outcome(sent, arrived && arrived - first.time, aim);
    }
    if (!first && performance.now() - started > START) {
      throw new Error('the caller sent nothing', { cause: (await begun)[0] });
    }
    await sleep(20);
  }
}

function arrival(sent: readonly Packet[], first: Packet, aim: Aim): number | undefined {
  return aim.heard ? aim.heard(first.time) : sent.find((packet) => isAimed(packet, aim))?.time;
}

/** Not what is left of the attempt before: its BYE, its acknowledgements of TCP. */
function begins({ to, opens, payload, sip }: Packet): boolean {
  if (!SIP_PORTS.has(to.port) || /^(?:BYE|ACK|CANCEL|SIP\/2\.0) /.test(sip ?? '')) return false;
  return opens || payload.length > KEEP_ALIVE;
}

function isAimed(packet: Packet, aim: Aim): boolean {
  return aim.living.includes(packet.to.address) && packet.sip?.startsWith(`${aim.method} `) === true;
}

function outcome(sent: readonly Packet[], ms: number | undefined, { living }: Aim): Reached {
  return { ms, metTrouble: sent.some(({ to }) => !living.includes(to.address)) };
}
