/** IPv6 dies and comes back: the phone leaves it, and returns to it, and nobody has to do anything. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Packet } from '../packet.ts';
import { arrival, isSound, type Scene, type Story, shown, talk, within } from './roaming_scene.ts';

/** Idle: a keep-alive at the latest finds out (RFC 5626 4.4). ms */
const AWAY = 30_000;
/** What everybody else needs: Timer F of RFC 3261 17.1.2.2. ms */
const NOBODY_WAITS = 32_000;
/**
 * Seconds that a registration is good for; REGISTER is due after half of them. The first one leaves no time for
 * keep-alives: REGISTER finds everything out. With the second one it is the keep-alive, every 20 to 25 s.
 */
const GRANTS = { short: 24, long: 60 } as const;

export const COMEBACKS: Readonly<Record<string, Story>> = {
  'registered over IPv6 again when it comes back': {
    // The next REGISTER has IPv6 probed beside it, whose pause of 10 s is over; the one after it goes there.
    goal: GRANTS.short * 1000,
    patience: 60_000,
    registrar: { grants: GRANTS.short },
    happens: comeBackAfter(4000),
  },
  'registered over IPv6 again when a keep-alive has found it alive': {
    // The second pause is 20 s; then a keep-alive, and a REGISTER.
    goal: 20_000 + 25_000 + (GRANTS.long / 2) * 1000,
    patience: 120_000,
    registrar: { grants: GRANTS.long },
    isLong: true,
    happens: comeBackAfter(40_000),
  },
  'a call to a host of both families goes on while IPv6 dies and comes back': {
    goal: 3000,
    patience: 45_000,
    registrar: { contact: '<sip:friend@pbx.lab>', speaks: true },
    happens: async (scene, patience) => {
      await talk(scene, 'sip:friend@pbx.lab');
      const began = Date.now();
      await scene.host.block({ family: 6 }, 'drop');
      const { ipv4 } = scene.server.host;
      const moved = await arrival(
        scene,
        patience,
        (packet) => isSound(packet) && packet.from.address === ipv4,
      );
      await sleep(4000);
      await scene.host.unblock();
      await sleep(12_000);
      const { gap, state } = await heard(scene, began);
      const seen = `over IPv4 after ${shown(moved.ms)}, longest silence ${shown(gap)}, then ${state}`;
      return { ms: state === 'talking' ? gap : undefined, seen };
    },
  },
  'a call between literals of IPv6 goes on when it comes back in time': {
    goal: 3000,
    patience: 30_000,
    happens: async (scene, patience) => {
      await talk(scene, `sip:friend@[${scene.friend.ipv6}]`);
      await scene.host.block({ family: 6 }, 'drop');
      await sleep(10_000);
      await scene.host.unblock();
      const back = Date.now();
      const { ms } = await arrival(
        scene,
        patience,
        (packet) => isSound(packet) && packet.to.address === scene.host.ipv6,
      );
      // Beyond the 20 s after which a call is given up that stays without its family.
      await sleep(14_000);
      const { gap, state } = await heard(scene, back + (ms ?? 0));
      const seen = `sound after ${shown(ms)}, longest silence then ${shown(gap)}, then ${state}`;
      return { ms: state === 'talking' && gap < 3000 ? ms : undefined, seen };
    },
  },
};

/**
 * Idle. IPv6 stays away for so many ms after the phone was registered over IPv4. The time is from its return to the
 * answer of the registrar over it.
 */
function comeBackAfter(absence: number): Story['happens'] {
  return async (scene, patience) => {
    const began = Date.now();
    await scene.host.block({ family: 6 }, 'drop');
    const away = await arrival(scene, patience, (packet) => isRegistered(packet, scene.host.ipv4));
    await sleep(absence);
    await scene.host.unblock();
    const back = await arrival(scene, patience, (packet) => isRegistered(packet, scene.host.ipv6));
    const family = await within(5000, async () => {
      const [account] = (await scene.phone.status()).accounts;
      return (account?.state === 'registered' && account.family === 'ipv6') || undefined;
    });
    const answers = scene.capture.packets.filter(({ sip }) => sip?.startsWith('SIP/2.0') === true);
    const silence = longestGap(answers, began);
    const well = family === true && (away.ms ?? AWAY) < AWAY && silence < NOBODY_WAITS;
    const seen = `over IPv4 after ${shown(away.ms)}, over IPv6 ${shown(back.ms)} after its return, longest silence ${shown(silence)}`;
    return { ms: well ? back.ms : undefined, seen };
  };
}

/** The registrar's consent on its way to this address of ours. */
function isRegistered({ sip, to, payload }: Packet, address: string): boolean {
  return (
    sip?.startsWith('SIP/2.0 200') === true && to.address === address && payload.includes(' REGISTER\r\n')
  );
}

/** What came to the phone's ear since a time in ms since 1970, and what became of the call. */
async function heard(
  { phone, capture, host }: Scene,
  since: number,
): Promise<{ readonly gap: number; readonly state: string }> {
  const sound = capture.packets.filter(
    (packet) => isSound(packet) && host.addresses.includes(packet.to.address),
  );
  const gap = longestGap(sound, since);
  const call = (await phone.status()).calls.at(-1);
  return { gap, state: call?.state ?? 'gone' };
}

/** The longest time from `since` until now in which none of these packets passed, ms. */
function longestGap(packets: readonly Packet[], since: number): number {
  const times = packets.map(({ time }) => time).filter((time) => time > since);
  const ends = [...times, Date.now()];
  return Math.max(...ends.map((time, index) => time - (times[index - 1] ?? since)));
}
