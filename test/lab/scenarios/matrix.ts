/**
 * Calls between hosts of every sort: IPv4 only, IPv6 only, both; direct, and through Kamailio with rtpengine as
 * translator. What family the INVITE and the sound take, and whether both ears hear the other side's tone.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '#address/endpoint.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { toneIn } from '../../support/wav_tone.ts';
import { familyOf } from '../addressing.ts';
import type { Host, HostOptions } from '../host.ts';
import { Lab } from '../lab.ts';
import type { Packet } from '../packet.ts';
import { type Pbx, startPbx } from '../peers/pbx.ts';
import { startPhone } from '../phone.ts';

export const KINDS = {
  'IPv4 only': { ipv6: false },
  'IPv6 only': { ipv4: false },
  dual: {},
} as const satisfies Readonly<Record<string, HostOptions>>;

export type Kind = keyof typeof KINDS;
export type Way = 'direct' | 'kamailio';

export interface Pair {
  readonly caller: Kind;
  readonly callee: Kind;
  readonly way: Way;
}

export interface Met extends Pair {
  /** Family of the INVITE on the caller's link. */
  readonly signalling: Family | undefined;
  /** Family of RTP on the caller's link, and on the callee's. */
  readonly media: readonly [caller: Family | undefined, callee: Family | undefined];
  /** Seconds of the other's tone, from its begin to its end; longest gap within, ms. */
  readonly callerHears: Hearing;
  readonly calleeHears: Hearing;
  /** Why there was no call, and ms until the caller was told. */
  readonly failure?: { readonly reason: string; readonly ms: number };
  /** Lines with an address of ours in messages that we sent over the other family. */
  readonly strangers: readonly string[];
}

export interface Hearing {
  readonly seconds: number;
  readonly longestGapMs: number;
}

const TONES = { caller: 440, callee: 600 } as const;
const DEAF: Hearing = { seconds: 0, longestGapMs: 0 };

export function allPairs(): readonly Pair[] {
  const kinds = Object.keys(KINDS) as Kind[];
  return (['direct', 'kamailio'] as const).flatMap((way) =>
    kinds.flatMap((caller) => kinds.map((callee) => ({ caller, callee, way }))),
  );
}

/** IPv4 on one side, IPv6 on the other, and nobody between them who translates. */
export function isImpossible({ caller, callee, way }: Pair): boolean {
  return way === 'direct' && caller !== callee && caller !== 'dual' && callee !== 'dual';
}

export interface MatrixOptions {
  readonly pairs: readonly Pair[];
  /** Milliseconds of talk. */
  readonly talk: number;
  readonly parallel: number;
}

export async function matrix({ pairs, talk, parallel }: MatrixOptions): Promise<readonly Met[]> {
  await using lab = await Lab.create();
  const pbx = pairs.some(({ way }) => way === 'kamailio') ? await startPbx(lab) : undefined;
  const places: Places[] = [];
  for (const [index, pair] of pairs.entries()) {
    places.push({
      caller: await lab.host(`caller-${index}`, KINDS[pair.caller]),
      callee: await lab.host(`callee-${index}`, KINDS[pair.callee]),
    });
  }
  await lab.dns([...(pbx?.records ?? []), ...places.flatMap(({ callee }) => recordsOf(callee))]);
  const met: Met[] = [];
  const queue = [...pairs.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, pair] = next;
      const place = places[index];
      if (place) met[index] = await meet(lab, pbx, pair, place, talk);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return met;
}

interface Places {
  readonly caller: Host;
  readonly callee: Host;
}

function recordsOf(host: Host): readonly string[] {
  return host.addresses.map(
    (address) => `${host.name}.lab. 60 IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}`,
  );
}

async function meet(lab: Lab, pbx: Pbx | undefined, pair: Pair, places: Places, talk: number): Promise<Met> {
  const { caller, callee } = places;
  const [atCaller, atCallee] = await Promise.all([caller.capture(), callee.capture()]);
  const config = (host: Host) => (pair.way === 'direct' ? ALONE : registered(host));
  const phones = await Promise.all([
    startPhone(lab, caller, config(caller), TONES.caller),
    startPhone(lab, callee, config(callee), TONES.callee),
  ]);
  const [calling, called] = phones;
  if (pair.way === 'kamailio' && pbx) await Promise.all(phones.map((phone) => phone.registered()));
  const failure = await call(
    calling,
    called,
    `sip:${callee.name}@${pair.way === 'direct' ? `${callee.name}.lab` : 'pbx.lab'}`,
  );
  if (!failure) await sleep(talk);
  await Promise.all(phones.map((phone) => phone.stop()));
  const [near, far] = await Promise.all([atCaller.stop(), atCallee.stop()]);
  return {
    ...pair,
    signalling: near.find(({ sip }) => sip?.startsWith('INVITE '))?.to.family,
    media: [mediaFamily(near), mediaFamily(far)],
    callerHears: failure ? DEAF : hearing(calling, TONES.callee),
    calleeHears: failure ? DEAF : hearing(called, TONES.caller),
    ...(failure ? { failure } : {}),
    strangers: [...strangersIn(near, caller), ...strangersIn(far, callee)],
  };
}

const ALONE = { security: { allow: ['10.77.0.0/16', '2d00:1ab::/32'] } };

function registered(host: Host): Record<string, unknown> {
  return { accounts: [{ user: host.name, domain: 'pbx.lab', transport: 'udp' }] };
}

/** Milliseconds that a call may take to ring, which is long after anybody has hung up. */
const PATIENCE = 40_000;

/** Undefined: they talk. */
async function call(caller: PhoneProcess, callee: PhoneProcess, uri: string): Promise<Met['failure']> {
  const started = performance.now();
  const waited = () => performance.now() - started;
  const { code, output } = await caller.verb('dial', uri);
  if (code !== 0) return { reason: output.trim(), ms: waited() };
  while (waited() < PATIENCE) {
    const [ours] = (await caller.status()).calls.slice(-1);
    if (ours?.state === 'ended') return { reason: ours.cause ?? 'no reason given', ms: waited() };
    if (ours?.state === 'talking') return undefined;
    const [theirs] = (await callee.status()).calls.slice(-1);
    if (theirs?.state === 'ringing') await callee.verb('answer');
    await sleep(100);
  }
  return { reason: 'neither answered nor refused', ms: waited() };
}

/** RTP: UDP of a session's length and beyond, version 2, between ports that are none of SIP's or DNS's. */
function mediaFamily(packets: readonly Packet[]): Family | undefined {
  const rtp = packets.filter(
    ({ transport, payload, to, from }) =>
      transport === 'udp' &&
      payload.length > 40 &&
      (payload[0] ?? 0) >> 6 === 2 &&
      to.port > 9000 &&
      from.port > 9000,
  );
  const six = rtp.filter(({ to }) => to.family === 6).length;
  if (rtp.length === 0) return undefined;
  return six > rtp.length / 2 ? 6 : 4;
}

function hearing(phone: PhoneProcess, hz: number): Hearing {
  if (!existsSync(phone.heard)) return DEAF;
  const { seconds, longestGapMs } = toneIn(phone.heard, hz);
  return { seconds, longestGapMs };
}

/** A message of ours that goes over one family and names our address of the other one. */
function strangersIn(packets: readonly Packet[], host: Host): readonly string[] {
  return packets.flatMap(({ sip, from, payload }) => {
    if (sip === undefined || !host.addresses.includes(from.address)) return [];
    const lines = payload.toString('latin1').split('\r\n');
    const others = host.addresses.filter((address) => familyOf(address) !== from.family);
    return lines.filter((line) => others.some((address) => line.includes(address)));
  });
}
