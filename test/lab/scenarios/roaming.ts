/**
 * The network changes under a phone: its address, its name server, its interface, a whole family. Each story says how
 * long it took until the phone was as good as before, and how long it may take.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Packet } from '../packet.ts';
import { COMEBACKS } from './comeback.ts';
import {
  arrival,
  inScene,
  isInvite,
  isRegister,
  isSound,
  type Mark,
  markOf,
  type Scene,
  type Story,
  shown,
  type Tale,
  talk,
  within,
} from './roaming_scene.ts';

const NEW_ADDRESS = '2d00:1ab:7::7';

const STORIES: Readonly<Record<string, Story>> = {
  'registered from a new address': {
    goal: 1500,
    patience: 10_000,
    happens: async (scene, patience) => {
      const change = await renumber(scene);
      const isNew = ({ sip, from }: Packet) => isRegister(sip) && from.address === NEW_ADDRESS;
      return arrival(scene, patience, isNew, change);
    },
  },
  'sound from a new address in the midst of a call': {
    goal: 3000,
    patience: 15_000,
    happens: async (scene, patience) => {
      await talk(scene, 'sip:friend@friend.lab');
      const change = await renumber(scene);
      const isInvited = ({ sip, from }: Packet) => isInvite(sip) && from.address === NEW_ADDRESS;
      const isHeard = (packet: Packet) => isSound(packet) && packet.to.address === NEW_ADDRESS;
      // Sound alone may come from a friend who latches on to whatever address speaks.
      const [invited, heard] = await Promise.all([
        arrival(scene, patience, isInvited, change),
        arrival(scene, patience, isHeard, change),
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

const ALL: Readonly<Record<string, Story>> = { ...COMEBACKS, ...STORIES };

export const STORY_NAMES: readonly string[] = Object.keys(ALL);
export const SHORT_STORY_NAMES = STORY_NAMES.filter((name) => ALL[name]?.isLong !== true);

/** Tales in the order of the stories. */
export async function roaming(stories: readonly string[], parallel: number): Promise<readonly Tale[]> {
  const order = STORY_NAMES.filter((name) => stories.includes(name));
  // The longest first, lest everybody waits for it in the end.
  const queue = Object.entries(ALL)
    .filter(([name]) => order.includes(name))
    .sort(([, a], [, b]) => b.patience - a.patience);
  const tales = new Map<string, Tale>();
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, story] = next;
      tales.set(name, { story: name, goal: story.goal, ...(await inScene(story)) });
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return order.flatMap((name) => tales.get(name) ?? []);
}

/** Another address of IPv6 in place of the one there was. The phone may be done before the last command is. */
async function renumber(scene: Scene): Promise<Mark> {
  const { host } = scene;
  await host.removeAddress(host.ipv6);
  const change = markOf(scene);
  await host.addAddress(NEW_ADDRESS);
  return change;
}

/** Open files, sockets and timers of a process. */
function descriptors(id: number): number {
  return readdirSync(`/proc/${id}/fd`).length;
}
