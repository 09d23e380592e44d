/**
 * The network changes under a phone: its address, its name server, its interface, a whole family. Each story says how
 * long it took until the phone was as good as before, and how long it may take.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import type { Capture } from '../capture.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import type { Packet } from '../packet.ts';
import { startPhone } from '../phone.ts';
import { SipServer } from '../sip_server.ts';

export interface Tale {
  readonly story: string;
  /** Undefined: not within `patience`. */
  readonly ms: number | undefined;
  readonly goal: number;
  readonly seen: string;
}

/** A registrar `pbx.lab` of both families, a phone registered there, and a friend who answers calls. */
interface Scene {
  readonly lab: Lab;
  readonly server: SipServer;
  readonly host: Host;
  readonly friend: Host;
  readonly capture: Capture;
  readonly phone: PhoneProcess;
}

interface Story {
  /** ms that it may take. */
  readonly goal: number;
  /** ms after which nobody waits any more. */
  readonly patience: number;
  /** Does the change and then waits; gives the time from the change on. */
  readonly happens: (scene: Scene, patience: number) => Promise<Omit<Tale, 'story' | 'goal'>>;
}

const NEW_ADDRESS = '2d00:1ab:7::7';

const STORIES: Readonly<Record<string, Story>> = {
  'registered from a new address': {
    goal: 1500,
    patience: 10_000,
    happens: async (scene, patience) => {
      await renumber(scene.host);
      return arrival(scene, patience, ({ sip, from }) => isRegister(sip) && from.address === NEW_ADDRESS);
    },
  },
  'sound from a new address in the midst of a call': {
    goal: 3000,
    patience: 15_000,
    happens: async (scene, patience) => {
      await talk(scene, 'sip:friend@friend.lab');
      await renumber(scene.host);
      // Sound alone may come from a friend who latches on to whatever address speaks.
      const [invited, heard] = await Promise.all([
        arrival(scene, patience, ({ sip, from }) => isInvite(sip) && from.address === NEW_ADDRESS),
        arrival(scene, patience, (packet) => isSound(packet) && packet.to.address === NEW_ADDRESS),
      ]);
      const both = invited.ms !== undefined && heard.ms !== undefined;
      const seen = `re-INVITE after ${shown(invited.ms)}, sound after ${shown(heard.ms)}`;
      return { ms: both ? Math.max(invited.ms, heard.ms) : undefined, seen };
    },
  },
  'registered over IPv4 when IPv6 dies while idle': {
    goal: 30_000,
    patience: 45_000,
    happens: async (scene, patience) => {
      await scene.host.block({ family: 6 }, 'drop');
      return arrival(scene, patience, ({ sip, to }) => isRegister(sip) && to.family === 4);
    },
  },
  'a call to a host of both families moves to IPv4 when IPv6 dies': {
    goal: 3000,
    patience: 45_000,
    happens: async (scene, patience) => {
      scene.server.behave({ contact: '<sip:friend@pbx.lab>', speaks: true });
      await talk(scene, 'sip:friend@pbx.lab');
      await scene.host.block({ family: 6 }, 'drop');
      return arrival(
        scene,
        patience,
        (packet) => isSound(packet) && packet.from.address === scene.server.host.ipv4,
      );
    },
  },
  'a call between literals of IPv6 is held 20 s when IPv6 dies, and then ended': {
    goal: 25_000,
    patience: 50_000,
    happens: async (scene, patience) => {
      await talk(scene, `sip:friend@[${scene.friend.ipv6}]`);
      await scene.host.block({ family: 6 }, 'drop');
      const started = performance.now();
      const ended = await within(patience, async () => {
        const call = (await scene.phone.status()).calls.at(-1);
        return call === undefined || call.state === 'ended' ? (call ?? { cause: 'gone' }) : undefined;
      });
      const ms = ended && performance.now() - started;
      // Ended sooner is a failure too: the family may come back.
      const early = ms !== undefined && ms < 19_000;
      return {
        ms: early ? undefined : ms,
        seen: `${Math.round(ms ?? patience)} ms, ${ended?.cause ?? 'still there'}`,
      };
    },
  },
  'a new name server is asked': {
    goal: 2000,
    patience: 15_000,
    happens: async (scene, patience) => {
      // Nobody lives there: the phone has learnt that its only name server is silent.
      scene.host.setResolvers(['10.77.249.2']);
      await sleep(1200);
      scene.host.setResolvers([scene.lab.resolver(4)]);
      const invited = arrival(scene, patience, ({ sip }) => isInvite(sip));
      await within(patience, async () => {
        const { code } = await scene.phone.verb('dial', 'sip:friend@fresh.lab', '--wait');
        await scene.phone.verb('hangup');
        return code === 0 || undefined;
      });
      return invited;
    },
  },
  'all is well after an interface went down and up 20 times': {
    goal: 3000,
    patience: 30_000,
    happens: async (scene, patience) => {
      // The first call starts the media thread, which stays.
      await scene.phone.verb('dial', 'sip:friend@friend.lab', '--wait');
      await scene.phone.verb('hangup');
      await sleep(500);
      const before = descriptors(scene.phone.id);
      for (let round = 0; round < 20; round++) {
        await scene.host.down();
        await sleep(100);
        await scene.host.up();
        await sleep(150);
      }
      const started = performance.now();
      let seen = '';
      const well = await within(patience, async () => {
        const { code, output } = await scene.phone.verb('dial', 'sip:friend@friend.lab', '--wait');
        const [account] = (await scene.phone.status()).accounts;
        await scene.phone.verb('hangup');
        seen = `${account?.state} ${account?.error ?? ''}, ${output.trim()}`;
        return (code === 0 && account?.state === 'registered') || undefined;
      });
      const ms = well && performance.now() - started;
      await sleep(500);
      const more = descriptors(scene.phone.id) - before;
      // A few come and go: a question to the name server, a connection that waits for its end.
      return { ms: more <= 4 ? ms : undefined, seen: `${more} more descriptors, ${seen}` };
    },
  },
};

export async function roaming(stories: readonly string[], parallel: number): Promise<readonly Tale[]> {
  const queue = Object.entries(STORIES).filter(([story]) => stories.length === 0 || stories.includes(story));
  const order = queue.map(([story]) => story);
  const tales = new Map<string, Tale>();
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [story, { goal, patience, happens }] = next;
      const told = await inScene((scene) => happens(scene, patience));
      tales.set(story, { story, goal, ...told });
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return order.flatMap((story) => tales.get(story) ?? []);
}

export const STORY_NAMES: readonly string[] = Object.keys(STORIES);

async function inScene<T>(happens: (scene: Scene) => Promise<T>): Promise<T> {
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
  const open = { security: { acceptFrom: 'anyone' } };
  const answering = await startPhone(lab, friend, open, 600);
  const account = { user: 'alice', domain: 'pbx.lab', transport: 'udp' };
  const phone = await startPhone(lab, host, { accounts: [account], ...open });
  await phone.registered();
  const capture = await host.capture();
  const over = new AbortController();
  const answers = answerAll(answering, over.signal);
  try {
    return await happens({ lab, server, host, friend, capture, phone });
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
    await sleep(250);
  }
}

/** Another address of IPv6 in place of the one there was. */
async function renumber(host: Host): Promise<void> {
  await host.removeAddress(host.ipv6);
  await host.addAddress(NEW_ADDRESS);
}

/** A call over IPv6 that is answered and has lasted a moment. */
async function talk({ phone, capture }: Scene, uri: string): Promise<void> {
  const { code, output } = await phone.verb('dial', uri, '--wait');
  if (code !== 0) throw new Error(`no call to begin with: ${output}`);
  const over = capture.packets.findLast(({ sip }) => isInvite(sip))?.to.family;
  if (over !== 6) throw new Error(`the call went over IPv${over}`);
  await sleep(600);
}

/** ms until a packet on the phone's link from now on is such a one. */
async function arrival(
  { capture }: Scene,
  patience: number,
  isIt: (packet: Packet) => boolean,
): Promise<Omit<Tale, 'story' | 'goal'>> {
  const seen = capture.packets.length;
  const started = Date.now();
  const packet = await within(patience, async () => capture.packets.slice(seen).find(isIt));
  if (packet === undefined) return { ms: undefined, seen: 'nothing' };
  return { ms: packet.time - started, seen: packet.sip ?? `${packet.transport} to ${packet.to.address}` };
}

function shown(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${Math.round(ms)} ms`;
}

async function within<T>(ms: number, probe: () => Promise<T | undefined>): Promise<T | undefined> {
  return until<T>('it', probe, ms).catch(() => undefined);
}

function isRegister(sip: string | undefined): boolean {
  return sip?.startsWith('REGISTER ') === true;
}

function isInvite(sip: string | undefined): boolean {
  return sip?.startsWith('INVITE ') === true;
}

/** RTP with 20 ms of G.711. */
function isSound({ transport, payload }: Packet): boolean {
  return transport === 'udp' && payload.length === 172 && (payload[0] ?? 0) >> 6 === 2;
}

/** Open files, sockets and timers of a process. */
function descriptors(id: number): number {
  return readdirSync(`/proc/${id}/fd`).length;
}
