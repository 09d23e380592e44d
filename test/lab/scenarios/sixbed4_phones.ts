/**
 * Telephones behind NATs call each other by IPv6 address and by name, and sound goes straight where the NATs allow
 * it; it goes on when a path or a mapping is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/process.ts';
import type { Heard } from '../sip_server.ts';
import type { SixRouter } from '../sixbed4_router.ts';
import { frames } from '../sixbed4_wire.ts';
import {
  addressOfParty,
  call,
  heardBy,
  type Party,
  type PhoneAccess,
  type PhoneScene,
  withPhones,
} from './sixbed4_phone_scene.ts';
import { type Finding, isSo, type Tale, tellAll, withinMs } from './sixbed4_tale.ts';

const RTP_HEADER = 12;
/** Octets of 20 ms of G.711. */
const FRAME = 160;
const FRAME_MS = 20;

export interface PhonePace {
  /** ms of each call. */
  readonly talk: number;
  /** Also from the other side. */
  readonly back: boolean;
}

interface PhoneStory {
  readonly happens: (pace: PhonePace) => Promise<readonly Finding[]>;
  /** For people only, or in a test that shares the machine, too. */
  readonly inShort: boolean;
}

export const PHONE_STORIES: Readonly<Record<string, PhoneStory>> = {
  'a telephone behind a cone calls one behind another': {
    happens: (pace) => calls('cone', pace),
    inShort: true,
  },
  'a telephone behind a cone calls one behind a symmetric NAT': {
    happens: (pace) => calls('symmetric', pace),
    inShort: false,
  },
  'a telephone behind a cone calls one with native IPv6': {
    happens: (pace) => calls('native', pace),
    inShort: true,
  },
  'telephones under two routers call each other': { happens: underTwoRouters, inShort: true },
  'the router dies in the midst of a direct call': { happens: routerDies, inShort: false },
  'the direct path is cut in the midst of a call': { happens: directPathCut, inShort: true },
  'a symmetric NAT forgets in the midst of a call': { happens: forgottenInCall, inShort: false },
  'a telephone registers anew when its symmetric NAT forgot': { happens: registersAnew, inShort: true },
  'native IPv6 comes and goes': { happens: nativeComesAndGoes, inShort: false },
  'native IPv6 comes in the midst of a call': { happens: nativeComesInCall, inShort: false },
};

export const SHORT_PHONE_STORIES: readonly string[] = Object.entries(PHONE_STORIES).flatMap(
  ([name, story]) => (story.inShort ? [name] : []),
);

/** Tales in the order of the stories. */
export function phoneTales(
  stories: readonly string[],
  pace: PhonePace,
  parallel: number,
): Promise<readonly Tale[]> {
  return tellAll(stories, async (story) => (await PHONE_STORIES[story]?.happens(pace)) ?? [], parallel);
}

/** By address and by name. A symmetric NAT has a port of its own for everybody: DNS cannot name it beforehand. */
function calls(kind: PhoneAccess, { talk, back }: PhonePace): Promise<readonly Finding[]> {
  return withPhones({ callee: kind }, async (scene) => {
    const { caller, callee } = scene;
    const literal = `sip:callee@[${await addressOfParty(callee)}]`;
    const named = kind !== 'symmetric';
    return [
      ...(await one(scene, caller, callee, kind, literal, talk)),
      ...(named ? await one(scene, caller, callee, kind, 'sip:callee@callee.lab', talk) : []),
      ...(back && named ? await one(scene, callee, caller, kind, 'sip:caller@caller.lab', talk) : []),
    ];
  });
}

async function one(
  { router, second, ...scene }: PhoneScene,
  from: Party,
  to: Party,
  kind: PhoneAccess,
  uri: string,
  talk: number,
): Promise<readonly Finding[]> {
  const capture = await scene.caller.host.capture();
  const routers = [router, ...(second ? [second] : [])];
  const before = await passedBy(routers);
  const failure = await call(from, to, uri);
  if (failure === undefined) await sleep(talk);
  await from.phone.verb('hangup');
  await sleep(500);
  const packets = await capture.stop();
  const after = await passedBy(routers);
  const media = frames(packets, { kind: 'data' }).filter(({ payload }) => isSound(payload));
  const relays = routers.map(({ host }) => host.ipv4);
  const direct = media.filter(
    ({ packet: { from, to } }) => !relays.includes(from.address) && !relays.includes(to.address),
  );
  const way = kind === 'native' ? 'native' : 'relayed';
  const passed = after[way] - before[way];
  const share = direct.length / Math.max(1, media.length);
  const isStraight = kind === 'cone';
  const goal = isStraight ? 'nearly all' : 'none';
  const kept = isStraight ? share > 0.9 : share === 0;
  const few = 0.1 * media.length + 60;
  return [
    isSo(uri, failure ?? 'talking', 'talking'),
    ...(failure === undefined ? [hears(from, talk), hears(to, talk)] : []),
    isSo(
      'datagrams of sound, straight of all',
      `${direct.length} of ${media.length}`,
      goal,
      kept && media.length > talk / FRAME_MS,
    ),
    isSo(
      'the router counted',
      `${passed} datagrams`,
      isStraight ? `≤ ${few.toFixed(0)}` : `≥ ${media.length}`,
      isStraight ? passed <= few : passed >= media.length,
    ),
  ];
}

/** Datagrams that routers passed on: between peers, and to and from native IPv6. */
async function passedBy(routers: readonly SixRouter[]): Promise<Record<'relayed' | 'native', number>> {
  const all = await Promise.all(routers.map((router) => router.counters()));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
  return {
    relayed: sum(all.map(({ relayed, toRouters }) => relayed + toRouters)),
    native: sum(all.map(({ toNative, fromNative }) => toNative + fromNative)),
  };
}

function hears(party: Party, talk: number, mostGap = 200): Finding {
  const { seconds, longestGapMs } = heardBy(party);
  const least = (0.8 * talk) / 1000;
  return isSo(
    `the ${party.name} hears the other`,
    `${seconds.toFixed(1)} s, gap ${longestGapMs} ms`,
    `${least.toFixed(1)} s, gap ${mostGap} ms`,
    seconds >= least && longestGapMs <= mostGap,
  );
}

/** RTP of 20 ms of G.711. */
function isSound(payload: Buffer): boolean {
  return payload.length === RTP_HEADER + FRAME && (payload[0] ?? 0) >> 6 === 2;
}

/** Each knows its own router alone, and the other's is named in the other's address. */
function underTwoRouters({ talk, back }: PhonePace): Promise<readonly Finding[]> {
  return withPhones({ callee: 'cone', withSecondRouter: true }, async (scene) => {
    const { caller, callee } = scene;
    const literal = `sip:callee@[${await addressOfParty(callee)}]`;
    return [
      ...(await one(scene, caller, callee, 'cone', literal, talk)),
      ...(await one(scene, callee, caller, 'cone', 'sip:caller@caller.lab', talk)),
      ...(back ? await one(scene, caller, callee, 'cone', 'sip:callee@callee.lab', talk) : []),
    ];
  });
}

/** So long a call with a broken line is held, and more. Milliseconds. */
const BEYOND_RESCUE = 25_000;
/** A router is asked every fourth keep-alive, and again four times. Milliseconds. */
const UNTIL_LOST = 130_000;

/** Sound goes straight, and nobody needs the router; then it is back. */
function routerDies(): Promise<readonly Finding[]> {
  return withPhones({ callee: 'cone' }, async ({ router, caller, callee }) => {
    const own = await addressOfParty(caller);
    const failure = await call(caller, callee, `sip:callee@[${await addressOfParty(callee)}]`);
    if (failure !== undefined) return [isSo('the call', failure, 'talking')];
    const state = async () => (await caller.phone.status()).calls.at(-1)?.state ?? 'gone';
    const about = async () => (await caller.phone.status()).network.sixbed4;
    await sleep(2000);
    const began = performance.now();
    await router.kill();
    const isLost = async () => (await about()).state === 'waiting' || undefined;
    const lost = await until('the router is lost', isLost, UNTIL_LOST).catch(() => false);
    await sleep(BEYOND_RESCUE);
    const [during, note] = [await state(), (await about()).note];
    await router.start();
    const isBack = async () => (await about()).state === 'up' || undefined;
    const back = await until('the router is back', isBack, 2 * BEYOND_RESCUE).catch(() => false);
    await sleep(2000);
    const talked = performance.now() - began;
    const [afterwards, address] = [await state(), (await about()).address];
    await caller.phone.verb('hangup');
    await sleep(500);
    return [
      isSo('the router is missed, and found again', `${lost} and ${back}`, 'true and true'),
      isSo('status says', note, 'no 6bed4 router answers'),
      isSo('the call meanwhile', during, 'talking'),
      isSo('the call afterwards', afterwards, 'talking'),
      isSo('our address', address ?? 'none', own),
      hears(caller, talked, 500),
      hears(callee, talked, 500),
    ];
  });
}

/** Nothing passes between the two NATs any more; the sound that is missing tells. */
function directPathCut(): Promise<readonly Finding[]> {
  return withPhones({ callee: 'cone' }, ({ caller, callee }) =>
    disturbed(caller, callee, async () => {
      const peer = callee.nat?.outside;
      if (peer) await caller.nat?.outside.block({ peer }, 'drop');
    }),
  );
}

/** The telephone behind it gets another address, and tells the other in a re-INVITE. */
function forgottenInCall(): Promise<readonly Finding[]> {
  return withPhones({ caller: 'symmetric', callee: 'cone' }, ({ caller, callee }) =>
    disturbed(caller, callee, async () => caller.nat?.forget()),
  );
}

/** A call in the midst of which something happens; silence may last 2 s. */
async function disturbed(
  caller: Party,
  callee: Party,
  happens: () => Promise<void>,
): Promise<readonly Finding[]> {
  const failure = await call(caller, callee, `sip:callee@[${await addressOfParty(callee)}]`);
  if (failure !== undefined) return [isSo('the call', failure, 'talking')];
  await sleep(2000);
  await happens();
  await sleep(4500);
  const state = (await caller.phone.status()).calls.at(-1)?.state ?? 'gone';
  await caller.phone.verb('hangup');
  await sleep(500);
  return [
    isSo('the call afterwards', state, 'talking'),
    hears(caller, 5500, 2000),
    hears(callee, 5500, 2000),
  ];
}

/** The registrar has native IPv6 alone; whatever the telephone sends next brings the new address to light. */
function registersAnew(): Promise<readonly Finding[]> {
  return withPhones({ caller: 'symmetric', callee: 'native', withRegistrar: true }, async (scene) => {
    const { caller, registrar } = scene;
    if (registrar === undefined) return [];
    await caller.phone.registered();
    const old = await addressOfParty(caller);
    const capture = await caller.host.capture();
    await caller.nat?.forget();
    await caller.phone.verb('dial', 'sip:anybody@pbx.lab');
    const isNew = ({ method, from }: Heard) => method === 'REGISTER' && from !== old;
    const heard = await within(10_000, () => registrar.heard.find(isNew));
    const packets = await capture.stop();
    const corrected = frames(packets, { kind: 'router advertisement' })[0]?.packet.time;
    const now = await addressOfParty(caller);
    return [
      isSo('the address is another', now, `not ${old}`, now !== old),
      isSo('REGISTER comes from', heard?.from ?? 'nobody', now),
      withinMs('after the advertisement', heard && corrected && heard.time - corrected, 1500),
    ];
  });
}

const NATIVE = '2d00:1ab:7::7';

/** The registrar hears where the telephone is. */
function nativeComesAndGoes(): Promise<readonly Finding[]> {
  return withPhones({ caller: 'public', callee: 'native', withRegistrar: true }, async (scene) => {
    const { caller, registrar } = scene;
    if (registrar === undefined) return [];
    await caller.phone.registered();
    const inside = await addressOfParty(caller);
    const registers = async (from: string, since: number): Promise<number | undefined> => {
      const isIt = (heard: Heard) =>
        heard.method === 'REGISTER' && heard.from === from && heard.time >= since;
      const heard = await within(30_000, () => registrar.heard.find(isIt));
      return heard && heard.time - since;
    };
    const came = Date.now();
    await caller.host.addAddress(NATIVE);
    const outside = await registers(NATIVE, came);
    const went = Date.now();
    await caller.host.removeAddress(NATIVE);
    const again = await registers(inside, went);
    return [
      withinMs('REGISTER from the native address', outside, 3000),
      withinMs('REGISTER by 6bed4 after it went', again, 5000),
    ];
  });
}

function nativeComesInCall(): Promise<readonly Finding[]> {
  return withPhones({ caller: 'public', callee: 'native' }, async ({ caller, callee }) => {
    const capture = await caller.host.capture();
    const findings = await disturbed(caller, callee, () => caller.host.addAddress(NATIVE));
    const packets = await capture.stop();
    const native = packets.filter(({ from, payload }) => from.address === NATIVE && isSound(payload));
    return [
      ...findings,
      isSo('sound from the native address', String(native.length), '≥ 100', native.length >= 100),
    ];
  });
}

async function within<T>(ms: number, probe: () => T | undefined): Promise<T | undefined> {
  return until('it', probe, ms).catch(() => undefined);
}
