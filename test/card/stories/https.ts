/**
 * A channel of updates: nginx in the house offers a manifest and a bundle, vouched for by an authority that the card was told of.
 * What is of another channel, older, or on a server that nobody vouches for is left; what is newer is streamed into the
 * other slot by RAUC while nobody uses the telephone, started, and found good.
 */
import { mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf } from '../../lab/addressing.ts';
import { WebServer } from '../../lab/peers/web.ts';
import { Authority, selfSigned } from '../../support/authority.ts';
import { bundle } from '../bundles.ts';
import { House } from '../house.ts';
import { expect } from '../stand.ts';
import { VirtualStand } from '../virtual_stand.ts';

type Say = (text: string) => void;

const SERVER = 'updates.test';
const MANIFEST = 'stable.json';
const NEXT = '0.1.1';
const FILE = `dualtone-${NEXT}.raucb`;
const CA = 'stand/ca.pem';
const DROP = `net: {tlsCa: /data/${CA}}
update: {url: "https://${SERVER}/${MANIFEST}"}
`;
/** s that an emulated machine may take for an installation. */
const INSTALLATION = 1800;

export async function story(say: Say): Promise<readonly string[]> {
  const path = bundle({ version: NEXT }, say);
  await using house = await House.build(recordsOf);
  const server = await Offer.open(house, path);
  const stand = new VirtualStand({ house, say, drop: { 'dualtone.yaml': DROP } });
  stand.card.putData(CA, server.authority.pem);
  try {
    stand.power();
    const { after } = await stand.ready();
    say(`the telephone is there, ${after} s after the kernel`);
    const findings = await refused(say, house, server);
    return [...findings, ...(await installed(say, house, server, stand))];
  } finally {
    await stand.end();
  }
}

const recordsOf = (addresses: readonly string[]): readonly string[] =>
  addresses.map((address) => `${SERVER}. 60 IN ${familyOf(address) === 6 ? 'AAAA' : 'A'} ${address}`);

/** What a person at the telephone is told when the channel is asked now. */
const check = (house: House): Promise<string> => house.sh('dualtone update check 2>&1 || true');

async function refused(say: Say, house: House, server: Offer): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const { what, offer, reason } of REFUSED) {
    await offer(server);
    const told = await check(house);
    say(what);
    findings.push(expect(reason.test(told), `${what} is not installed: ${reason.exec(told)?.[0]}`));
  }
  const streamed = server.asked.filter((line) => line.includes('.raucb'));
  return [...findings, expect(streamed.length === 0, 'of none of these a bundle was asked for')];
}

const REFUSED = [
  {
    what: 'a manifest of another channel',
    offer: (server: Offer) => server.manifest('beta', NEXT),
    reason: /the manifest is of channel "beta"[^\n]*/,
  },
  {
    what: 'an older version',
    offer: (server: Offer) => server.manifest('stable', '0.0.9'),
    reason: /version 0\.0\.9 is older[^\n]*/,
  },
  {
    what: 'a server for whom nobody vouches',
    offer: async (server: Offer) => {
      server.manifest('stable', NEXT);
      await server.asStranger();
    },
    reason: /no authority vouches[^\n]*/,
  },
] as const;

async function installed(
  say: Say,
  house: House,
  server: Offer,
  stand: VirtualStand,
): Promise<readonly string[]> {
  await server.asItself();
  server.manifest('stable', NEXT);
  const begin = performance.now();
  say('a newer version');
  await check(house);
  await stand.logs(/Installation \S+ succeeded/, INSTALLATION);
  const took = Math.round((performance.now() - begin) / 1000);
  const asked = server.asked.filter((line) => line.includes(FILE));
  say(`installed after ${took} s; ${asked.length} requests for the bundle`);
  await stand.restarted();
  say('it starts anew');
  const before = stand.card.state();
  stand.power(before.order === 'b a' ? 'b' : 'a');
  const second = await stand.ready();
  await stand.logs(/Marked slot rootfs\.1 as good/);
  await stand.cut();
  const after = stand.card.state();
  return [
    expect(
      asked.length > 0 && asked.every((line) => line.startsWith('206 ') || line.startsWith('200 HEAD')),
      `a newer version: RAUC streamed ${Math.round(statSync(server.bundle).size / 1e6)} MB in ${asked.length} requests, ${took} s`,
    ),
    expect(before.order === 'b a' && before.b_good !== '1', 'the boot state says b a, and b is on trial'),
    expect(
      second.slot === 'b' && second.version === NEXT,
      `slot b starts, ${second.version}, after ${second.after} s`,
    ),
    expect(after.b_good === '1' && after.order === 'b a', 'and is found good'),
  ];
}

/** nginx with a manifest and a bundle. */
class Offer {
  readonly authority: Authority;
  readonly bundle: string;
  readonly #web: WebServer;
  readonly #folder: string;
  readonly #names: readonly string[];

  private constructor(web: WebServer, authority: Authority, house: House, path: string) {
    this.#web = web;
    this.authority = authority;
    this.#folder = house.home.path('web');
    this.#names = [SERVER];
    this.bundle = path;
  }

  static async open(house: House, path: string): Promise<Offer> {
    const [folder, authorities] = [house.home.path('web'), house.home.path('authority')];
    mkdirSync(authorities, { recursive: true });
    const web = await WebServer.start(house.home, folder);
    symlinkSync(path, join(folder, 'html', FILE));
    const server = new Offer(web, await Authority.create(authorities), house, path);
    await server.asItself();
    return server;
  }

  manifest(channel: string, version: string): void {
    this.#web.put(MANIFEST, JSON.stringify({ channel, version, bundle: FILE }));
  }

  async asItself(): Promise<void> {
    await this.#web.serve(await this.authority.issue({ names: this.#names }));
  }

  /** With a certificate that vouches for itself. */
  async asStranger(): Promise<void> {
    await this.#web.serve(await selfSigned(join(this.#folder, 'stranger'), this.#names));
  }

  get asked(): readonly string[] {
    return this.#web.asked;
  }
}
