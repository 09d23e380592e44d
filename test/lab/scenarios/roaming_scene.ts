/**
 * Where the stories of the network happen: a registrar `pbx.lab` of both families, a phone registered there, a friend
 * who answers calls, and what can be asked of the wire.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import type { Capture } from '../capture.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import type { Packet } from '../packet.ts';
import { startPhone } from '../phone.ts';
import { type Behaviour, SipServer } from '../sip_server.ts';

export interface Tale {
  readonly story: string;
  /** Undefined: not within `patience`. */
  readonly ms: number | undefined;
  readonly goal: number;
  readonly seen: string;
}

/** Of a tale, what its story knows. */
export type Told = Omit<Tale, 'story' | 'goal'>;

export interface Scene {
  readonly lab: Lab;
  readonly server: SipServer;
  readonly host: Host;
  readonly friend: Host;
  readonly capture: Capture;
  readonly phone: PhoneProcess;
}

export interface Story {
  /** ms that it may take. */
  readonly goal: number;
  /** ms after which nobody waits any more. */
  readonly patience: number;
  /** How the registrar behaves from the first registration on. */
  readonly registrar?: Behaviour;
  /** For people only: longer than a test may take. */
  readonly isLong?: true;
  /** Does the change and then waits; gives the time from the change on. */
  readonly happens: (scene: Scene, patience: number) => Promise<Told>;
}

export async function inScene({ registrar: behaviour = {}, patience, happens }: Story): Promise<Told> {
  await using lab = await Lab.create();
  const [host, friend, registrar] = [
    await lab.host('phone'),
    await lab.host('friend'),
    await lab.host('pbx'),
  ];
  const names: readonly (readonly [string, Host])[] = [
    ['pbx', registrar],
    ['friend', friend],
    ['fresh', friend],
  ];
  await lab.dns(
    names.flatMap(([name, { ipv4, ipv6 }]) => [
      `${name}.lab. 60 IN A ${ipv4}`,
      `${name}.lab. 60 IN AAAA ${ipv6}`,
    ]),
  );
  const server = await SipServer.start(lab, registrar);
  server.behave(behaviour);
  const open = { security: { acceptFrom: 'anyone' } };
  const answering = await startPhone(lab, friend, open, 600);
  const account = { user: 'alice', domain: 'pbx.lab', transport: 'udp' };
  const phone = await startPhone(lab, host, { accounts: [account], ...open });
  await phone.registered();
  const capture = await host.capture();
  const over = new AbortController();
  const answers = answerAll(answering, over.signal);
  try {
    return await happens({ lab, server, host, friend, capture, phone }, patience);
  } finally {
    over.abort();
    await answers;
    await capture.stop();
  }
}

async function answerAll(phone: PhoneProcess, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { calls } = await phone.status();
    if (calls.some(({ state }) => state === 'ringing')) await phone.verb('answer');
    await sleep(400);
  }
}

/** A call over IPv6 that is answered and has lasted a moment. */
export async function talk({ phone, capture }: Scene, uri: string): Promise<void> {
  const { code, output } = await phone.verb('dial', uri, '--wait');
  if (code !== 0) throw new Error(`no call to begin with: ${output}`);
  const over = capture.packets.findLast(({ sip }) => isInvite(sip))?.to.family;
  if (over !== 6) throw new Error(`the call went over IPv${over}`);
  await sleep(600);
}

/** A moment on the phone's link. */
export interface Mark {
  /** Packets that had passed. */
  readonly passed: number;
  /** ms since 1970 */
  readonly time: number;
}

export function markOf({ capture }: Scene): Mark {
  return { passed: capture.packets.length, time: Date.now() };
}

/** ms from the mark to the first packet on the phone's link that is such a one. */
export async function arrival(
  scene: Scene,
  patience: number,
  isIt: (packet: Packet) => boolean,
  { passed, time } = markOf(scene),
): Promise<Told> {
  const found = () => scene.capture.packets.slice(passed).find(isIt);
  const packet = await within(patience, async () => found());
  if (packet === undefined) return { ms: undefined, seen: 'nothing' };
  return { ms: packet.time - time, seen: packet.sip ?? `${packet.transport} to ${packet.to.address}` };
}

export function shown(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${Math.round(ms)} ms`;
}

export async function within<T>(ms: number, probe: () => Promise<T | undefined>): Promise<T | undefined> {
  return until<T>('it', probe, ms).catch(() => undefined);
}

export function isRegister(sip: string | undefined): boolean {
  return sip?.startsWith('REGISTER ') === true;
}

export function isInvite(sip: string | undefined): boolean {
  return sip?.startsWith('INVITE ') === true;
}

/** RTP with 20 ms of G.711. */
export function isSound({ transport, payload }: Packet): boolean {
  return transport === 'udp' && payload.length === 172 && (payload[0] ?? 0) >> 6 === 2;
}
