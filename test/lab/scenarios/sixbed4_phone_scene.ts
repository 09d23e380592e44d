/**
 * Where telephones call each other by 6bed4: both on networks of IPv4 alone, each behind a NAT, and all that they know
 * is a router and each other's domain; or one of the two has native IPv6, which the router then is joined to.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, DEFAULT_NETID, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import { type ToneReport, toneIn } from '../../support/wav_tone.ts';
import { publicSubnetOf } from '../addressing.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { Nat, type NatKind } from '../nat.ts';
import { startPhone } from '../phone.ts';
import { SipServer } from '../sip_server.ts';
import { SixRouter } from '../sixbed4_router.ts';
import { NATIVE_PREFIX, nativeRouter } from './sixbed4_routers.ts';

/** Of the tunnel: behind a NAT that keeps ports, the address is known beforehand, and DNS can name it. */
const TUNNEL_PORT = 25_790;
const PARTIES = ['caller', 'callee'] as const;
const TONES = { caller: 440, callee: 600 } as const;
/** Milliseconds for a tunnel to come up after its telephone. */
const PATIENCE = 15_000;

/** Behind a NAT of that kind, with a public address of IPv4 alone, or with native IPv6 alone. */
export type PhoneAccess = NatKind | 'public' | 'native';

/** One telephone, and where it lives. */
export interface Party {
  readonly name: (typeof PARTIES)[number];
  readonly host: Host;
  readonly nat: Nat | undefined;
  readonly isNative: boolean;
  readonly phone: PhoneProcess;
}

type Place = Pick<Party, 'host' | 'nat' | 'isNative'>;

export interface PhoneScene {
  readonly lab: Lab;
  /** Of the caller, and of both unless there is a second one. */
  readonly router: SixRouter;
  /** Of the callee alone, where `withSecondRouter` asks for it. */
  readonly second: SixRouter | undefined;
  readonly caller: Party;
  readonly callee: Party;
  /** With native IPv6, where `withRegistrar` asks for it: the caller registers there. */
  readonly registrar: SipServer | undefined;
}

export interface Wishes {
  /** By default behind a cone. */
  readonly caller?: PhoneAccess;
  readonly callee: PhoneAccess;
  /** The caller has an account at `pbx.lab`, a host of IPv6 alone. */
  readonly withRegistrar?: true;
  /** The callee knows another router than the caller. */
  readonly withSecondRouter?: true;
}

/** Tunnels are up when the story begins. */
export async function withPhones<T>(wishes: Wishes, story: (scene: PhoneScene) => Promise<T>): Promise<T> {
  await using lab = await Lab.create(publicSubnetOf);
  const { caller = 'cone', callee, withRegistrar = false, withSecondRouter = false } = wishes;
  const isJoined = callee === 'native' || withRegistrar;
  const router = isJoined
    ? await nativeRouter(lab, 'relay')
    : await SixRouter.start(await lab.host('relay', { ipv6: false }));
  const second = withSecondRouter
    ? await SixRouter.start(await lab.host('second', { ipv6: false }))
    : undefined;
  const registrar = withRegistrar
    ? await SipServer.start(lab, await lab.host('pbx', { ipv4: false }))
    : undefined;
  const places = {
    caller: await placeOf(lab, 'caller', caller),
    callee: await placeOf(lab, 'callee', callee),
  };
  const routers = { caller: router, callee: second ?? router };
  const addresses = PARTIES.map((name) => {
    const prefix = isJoined ? parseIpv6(NATIVE_PREFIX) : prefixOf(routers[name]);
    return `${name}.lab. 60 IN AAAA ${addressOfPlace(places[name], prefix ?? new Uint8Array(8))}`;
  });
  await lab.dns([...addresses, ...(registrar ? [`pbx.lab. 60 IN AAAA ${registrar.host.ipv6}`] : [])]);
  // A symmetric NAT has a port of its own for everybody, and under the other's router the caller has another address:
  // no name leads to either.
  const isNamed = caller !== 'symmetric' && second === undefined;
  const start = async (name: Party['name'], other: Party['name']): Promise<Party> => {
    const place = places[name];
    const accounts =
      name === 'caller' && registrar ? [{ user: 'alice', domain: 'pbx.lab', transport: 'udp' }] : [];
    const sixbed4 = { routers: [routers[name].end], port: TUNNEL_PORT };
    const security = isNamed ? { allow: [`${other}.lab`] } : { acceptFrom: 'anyone' };
    const config = { accounts, security, ...(place.isNative ? {} : { net: { sixbed4 } }) };
    return { name, ...place, phone: await startPhone(lab, place.host, config, TONES[name]) };
  };
  const parties = await Promise.all([start('caller', 'callee'), start('callee', 'caller')]);
  await Promise.all(parties.filter(({ isNative }) => !isNative).map(tunnelIsUp));
  return await story({ lab, router, second, caller: parties[0], callee: parties[1], registrar });
}

function prefixOf({ host }: SixRouter): Uint8Array {
  return routerPrefix(DEFAULT_NETID, parseIpv4(host.ipv4) ?? 0);
}

async function placeOf(lab: Lab, name: string, access: PhoneAccess): Promise<Place> {
  const isNative = access === 'native';
  if (isNative || access === 'public') {
    const host = await lab.host(name, isNative ? { ipv4: false } : { ipv6: false });
    return { host, nat: undefined, isNative };
  }
  const nat = await Nat.build(lab, `${name}-nat`, access);
  return { host: await nat.host(name), nat, isNative };
}

/** Its IPv6 address, as it will be unless the NAT is symmetric. */
function addressOfPlace({ host, nat, isNative }: Place, prefix: Uint8Array): string {
  if (isNative) return host.ipv6;
  const end = { ipv4: parseIpv4(nat?.address ?? host.ipv4) ?? 0, port: TUNNEL_PORT };
  return ipv6Text(addressOf(prefix, end));
}

async function tunnelIsUp({ name, phone }: Party): Promise<void> {
  await until(
    `the tunnel of the ${name} is up`,
    async () => (await phone.status()).network.sixbed4.state === 'up',
    PATIENCE,
    () => phone.output,
  );
}

/** Its address inside, or its native one. */
export async function addressOfParty({ host, isNative, phone }: Party): Promise<string> {
  if (isNative) return host.ipv6;
  const { address } = (await phone.status()).network.sixbed4;
  if (address === null) throw new Error(`${host.name} has no address`);
  return address;
}

/** Undefined: they talk. Else why not. */
export async function call(caller: Party, callee: Party, uri: string): Promise<string | undefined> {
  const { code, output } = await caller.phone.verb('dial', uri);
  if (code !== 0) return output.trim();
  const end = performance.now() + 25_000;
  while (performance.now() < end) {
    const ours = (await caller.phone.status()).calls.at(-1);
    if (ours?.state === 'ended') return ours.cause ?? 'no reason given';
    if (ours?.state === 'talking') return undefined;
    if ((await callee.phone.status()).calls.at(-1)?.state === 'ringing') await callee.phone.verb('answer');
    await sleep(100);
  }
  return 'neither answered nor refused';
}

/** What it heard of the other in the last call. */
export function heardBy({ name, phone }: Party): Pick<ToneReport, 'seconds' | 'longestGapMs'> {
  const hz = name === 'caller' ? TONES.callee : TONES.caller;
  return existsSync(phone.heard)
    ? toneIn(phone.heard, hz)
    : { seconds: 0, longestGapMs: Number.POSITIVE_INFINITY };
}
