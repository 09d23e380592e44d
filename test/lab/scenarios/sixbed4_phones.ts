/**
 * Two telephones on networks of IPv4 alone, each behind a NAT. All that they know is a 6bed4 router and each other's
 * domain; they call each other by IPv6 address and by name, and sound goes straight. Then one of them has native IPv6.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import { toneIn } from '../../support/wav_tone.ts';
import { publicSubnetOf } from '../addressing.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { Nat, type NatKind } from '../nat.ts';
import { startPhone } from '../phone.ts';
import { SixRouter } from '../sixbed4_router.ts';
import { frames } from '../sixbed4_wire.ts';
import { NATIVE_PREFIX, nativeRouter } from './sixbed4_routers.ts';
import { type Finding, isSo, type Tale, tellAll, withinMs } from './sixbed4_tale.ts';

/** Of the tunnel; a NAT that keeps ports makes the addresses known beforehand. */
const TUNNEL_PORT = 25_790;
const TONES = { caller: 440, callee: 600 } as const;
const RTP_HEADER = 12;

/** The other side of a call, which is also called back. */
export type Callee = NatKind | 'native';

interface Party {
  readonly host: Host;
  /** The IPv6 address at which it is called. */
  readonly address: string;
}

interface Scene {
  readonly lab: Lab;
  readonly router: SixRouter;
  readonly caller: PhoneProcess;
  readonly callee: PhoneProcess;
  readonly parties: { readonly caller: Party; readonly callee: Party };
  readonly kind: Callee;
}

/** Calls by address and by name; with `back` also from the callee's side. Each with so many ms of talk. */
export async function phones(kind: Callee, talk: number, back: boolean): Promise<readonly Finding[]> {
  await using lab = await Lab.create(publicSubnetOf);
  const router =
    kind === 'native'
      ? await nativeRouter(lab, 'relay')
      : await SixRouter.start(await lab.host('relay', { ipv6: false }));
  const parties = {
    caller: await behindNat(lab, router, 'caller', 'cone', kind === 'native'),
    callee: kind === 'native' ? await native(lab) : await behindNat(lab, router, 'callee', kind, false),
  };
  await lab.dns(Object.entries(parties).map(([name, { address }]) => `${name}.lab. 60 IN AAAA ${address}`));
  const config = (other: string, native: boolean) => ({
    security: { allow: [`${other}.lab`] },
    ...(native ? {} : { net: { sixbed4: { routers: [router.end], port: TUNNEL_PORT } } }),
  });
  const [caller, callee] = await Promise.all([
    startPhone(lab, parties.caller.host, config('callee', false), TONES.caller),
    startPhone(lab, parties.callee.host, config('caller', kind === 'native'), TONES.callee),
  ]);
  const scene: Scene = { lab, router, caller, callee, parties, kind };
  const came = await Promise.all([tunnelIsUp(caller), ...(kind === 'native' ? [] : [tunnelIsUp(callee)])]);
  const told = (await caller.status()).network.sixbed4.address ?? 'none';
  const findings: Finding[] = [
    isSo('address in status', told, parties.caller.address),
    withinMs('from the first question to the tunnel', Math.max(...came), 5000),
    ...(await call(scene, `sip:callee@[${parties.callee.address}]`, 'by address', talk)),
    ...(await call(scene, 'sip:callee@callee.lab', 'by name', talk)),
  ];
  if (!back) return findings;
  const reverse = { ...scene, caller: callee, callee: caller };
  return [...findings, ...(await call(reverse, 'sip:caller@caller.lab', 'back by name', talk))];
}

async function behindNat(
  lab: Lab,
  { host: relay }: SixRouter,
  name: string,
  kind: NatKind,
  isNative: boolean,
): Promise<Party> {
  const nat = await Nat.build(lab, `${name}-nat`, kind);
  const host = await nat.host(name);
  const prefix = isNative ? parseIpv6(NATIVE_PREFIX) : routerPrefix(0x0bed, parseIpv4(relay.ipv4) ?? 0);
  const end = { ipv4: parseIpv4(nat.address) ?? 0, port: TUNNEL_PORT };
  return { host, address: ipv6Text(addressOf(prefix ?? new Uint8Array(8), end)) };
}

async function native(lab: Lab): Promise<Party> {
  const host = await lab.host('callee', { ipv4: false });
  return { host, address: host.ipv6 };
}

/** ms until it is. */
async function tunnelIsUp(phone: PhoneProcess): Promise<number> {
  const began = performance.now();
  await until(
    'the tunnel is up',
    async () => (await phone.status()).network.sixbed4.state === 'up',
    15_000,
    () => phone.output,
  );
  return performance.now() - began;
}

async function call(scene: Scene, uri: string, how: string, talk: number): Promise<readonly Finding[]> {
  const { router, caller, callee, parties, kind } = scene;
  const capture = await parties.caller.host.capture();
  const before = await router.counters();
  const failure = await answered(caller, callee, uri);
  if (failure !== undefined) {
    await capture.stop();
    return [isSo(`call ${how}`, failure, 'talking')];
  }
  await sleep(talk);
  await caller.verb('hangup');
  await sleep(500);
  const { packets } = capture;
  await capture.stop();
  const after = await router.counters();
  const passed = (name: 'relayed' | 'toNative' | 'fromNative') => after[name] - before[name];
  const media = frames(packets, { kind: 'data' }).filter(({ payload }) => isSound(payload));
  const direct = media.filter(
    ({ packet: { from, to } }) => from.address !== router.host.ipv4 && to.address !== router.host.ipv4,
  ).length;
  const counted = `${passed('relayed')} relayed, ${passed('toNative') + passed('fromNative')} native`;
  const most = talk / 20;
  return [
    isSo(`call ${how}`, 'talking', 'talking'),
    hears(caller, talk),
    hears(callee, talk),
    isSo('datagrams of sound, direct of all', `${direct} of ${media.length}`, goalOf(kind), shareIsRight()),
    isSo('the router counted', counted, kind === 'cone' ? 'few' : 'all sound', routerIsRight()),
  ];

  function shareIsRight(): boolean {
    const share = direct / Math.max(1, media.length);
    return media.length > most && (kind === 'cone' ? share > 0.8 : share === 0);
  }

  function routerIsRight(): boolean {
    if (kind === 'cone') return passed('relayed') < 0.2 * media.length + 60;
    return (
      (kind === 'native' ? passed('toNative') + passed('fromNative') : passed('relayed')) >= media.length
    );
  }
}

function goalOf(kind: Callee): string {
  return kind === 'cone' ? 'nearly all' : 'none';
}

/** The other's tone, whoever of them called. */
function hears(phone: PhoneProcess, talk: number): Finding {
  const who = phone.directory.split('/').at(-1) ?? '';
  const hz = who === 'caller' ? TONES.callee : TONES.caller;
  const { seconds, longestGapMs } = existsSync(phone.heard)
    ? toneIn(phone.heard, hz)
    : { seconds: 0, longestGapMs: 0 };
  const kept = seconds * 1000 >= 0.8 * talk && longestGapMs <= 200;
  const goal = `${((0.8 * talk) / 1000).toFixed(1)} s, gaps to 200 ms`;
  return isSo(`${who} hears the other`, `${seconds.toFixed(1)} s, gap ${longestGapMs} ms`, goal, kept);
}

/** RTP of 20 ms of G.711. */
function isSound(payload: Buffer): boolean {
  return payload.length === RTP_HEADER + 160 && (payload[0] ?? 0) >> 6 === 2;
}

/** Undefined: they talk. */
async function answered(
  caller: PhoneProcess,
  callee: PhoneProcess,
  uri: string,
): Promise<string | undefined> {
  const { code, output } = await caller.verb('dial', uri);
  if (code !== 0) return output.trim();
  const end = performance.now() + 25_000;
  while (performance.now() < end) {
    const ours = (await caller.status()).calls.at(-1);
    if (ours?.state === 'ended') return ours.cause ?? 'no reason given';
    if (ours?.state === 'talking') return undefined;
    if ((await callee.status()).calls.at(-1)?.state === 'ringing') await callee.verb('answer');
    await sleep(100);
  }
  return 'neither answered nor refused';
}

export const PHONE_STORIES: Readonly<Record<string, Callee>> = {
  'a telephone behind a cone calls one behind another': 'cone',
  'a telephone behind a cone calls one behind a symmetric NAT': 'symmetric',
  'a telephone behind a cone calls one with native IPv6': 'native',
};

/** Tales in the order of the stories; `talk` in ms. */
export function phoneTales(
  stories: readonly string[],
  talk: number,
  back: boolean,
  parallel: number,
): Promise<readonly Tale[]> {
  const happens = async (story: string) => {
    const kind = PHONE_STORIES[story];
    return kind === undefined ? [] : phones(kind, talk, back);
  };
  return tellAll(stories, happens, parallel);
}
