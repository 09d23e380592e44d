/** What the router counts, and how it says so. All are whole numbers since the start. */

/** Why a datagram or packet went nowhere. */
export const DROPS = {
  malformed: 'no IPv6 packet, or its length is not that of the datagram',
  'forbidden-origin':
    'from a private, loopback or group address that --on-link does not name, or from port 0',
  loop: 'from or to the router itself by way of its own port',
  'foreign-source': 'the source lies neither in our /64 nor in that of the router that sent it',
  'wrong-source': 'the source names another IPv4 address or port than the datagram came from',
  'link-local': 'from or to an address of fe80::/10 that does not belong to the router',
  'neighbour-discovery': 'neighbour discovery that is faulty or not for the router',
  multicast: 'to a group',
  opaque: 'the destination lies in our /64 but names no IPv4 address and port',
  'forbidden-target': 'the destination names a private, loopback or group address, or port 0',
  'no-route': 'to the rest of the world, with no way there',
  'for-router': 'for the router itself and not a question that it answers',
  'too-big': 'above 1280 octets',
  'hop-limit': 'its hops are used up',
  'not-ours': 'came from the native side and is not for our /64',
  congested: 'more waits to be sent than is worth keeping',
  'send-failed': 'refused by the kernel when sent',
} as const;

export type Drop = keyof typeof DROPS;

export interface RouterCounters {
  /** Datagrams from the outside, keep-alives and all. */
  received: number;
  /** Empty datagrams, which keep mappings of NATs open. */
  keepAlives: number;
  /** From a peer of ours to a peer of ours. */
  relayed: number;
  /** From a peer of ours to another router, and from another router to a peer of ours. */
  toRouters: number;
  fromRouters: number;
  /** To the native side, and from there to a peer of ours. */
  toNative: number;
  fromNative: number;
  /** Router advertisements: solicited ones, and those that correct a peer's address. */
  advertisements: number;
  corrections: number;
  neighbourAdvertisements: number;
  echoReplies: number;
  /** ICMPv6 errors. */
  errors: number;
  /** Answers of all these kinds that a rate limit kept back. */
  limited: number;
  readonly dropped: Record<Drop, number>;
}

export function newCounters(): RouterCounters {
  return {
    received: 0,
    keepAlives: 0,
    relayed: 0,
    toRouters: 0,
    fromRouters: 0,
    toNative: 0,
    fromNative: 0,
    advertisements: 0,
    corrections: 0,
    neighbourAdvertisements: 0,
    echoReplies: 0,
    errors: 0,
    limited: 0,
    dropped: Object.fromEntries(Object.keys(DROPS).map((why) => [why, 0])) as Record<Drop, number>,
  };
}

/** In words, for a line that people read. */
const WORDS: Readonly<Record<Exclude<keyof RouterCounters, 'dropped'>, string>> = {
  received: 'received',
  keepAlives: 'keep-alives',
  relayed: 'relayed',
  toRouters: 'to other routers',
  fromRouters: 'from other routers',
  toNative: 'to native IPv6',
  fromNative: 'from native IPv6',
  advertisements: 'advertisements',
  corrections: 'corrections',
  neighbourAdvertisements: 'neighbour advertisements',
  echoReplies: 'echo replies',
  errors: 'errors sent',
  limited: 'answers kept back',
};

/** `up 60 s: 12 received, 10 relayed; dropped: 2 malformed`. What is 0 is not told. */
export function countersText(counters: RouterCounters, seconds: number): string {
  const { dropped, ...rest } = counters;
  const told = (numbers: Readonly<Record<string, number>>, word: (name: string) => string) =>
    Object.entries(numbers)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${word(name)}`);
  const passed = told(rest, (name) => WORDS[name as keyof typeof WORDS]);
  const lost = told(dropped, (name) => name);
  return [
    `up ${Math.floor(seconds)} s: ${passed.join(', ') || 'nothing received'}`,
    ...(lost.length > 0 ? [`dropped: ${lost.join(', ')}`] : []),
  ].join('; ');
}

/** One JSON object: `uptime` in seconds and all counters. */
export function countersJson(counters: RouterCounters, seconds: number): string {
  return JSON.stringify({ uptime: Math.floor(seconds), ...counters });
}
