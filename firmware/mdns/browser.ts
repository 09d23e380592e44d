/**
 * Asks, as long as somebody wants to know: which instances a service has, and of each its SRV, TXT and addresses
 * (RFC 6762 5.2, RFC 6763 4). What is unknown is asked for with growing pauses, what grows old before it dies.
 */
import type { Cache } from './cache.ts';
import { EMPTY, type Message, type Question } from './message.ts';
import { fold } from './name.ts';
import { type KnownType, recordKey, setKey } from './record.ts';

/** ms: RFC 6762 5.2. */
const FIRST_DELAY = { least: 20, spread: 100 };
const FIRST_INTERVAL = 1_000;
const LONGEST_INTERVAL = 3_600_000;
/** ms: what grows old so soon is asked for in the same breath; of 120 s the spread of RFC 6762 5.2 is 2.4 s. */
const SOON = 3_000;

/** In one message, which is not to be fragmented; the others follow at once. */
const MOST_QUESTIONS = 12;

/** A set of records that somebody wants. */
interface Wanted {
  readonly name: string;
  readonly type: KnownType;
}

interface Asking extends Wanted {
  /** ms */
  next: number;
  interval: number;
}

export class Browser {
  readonly #cache: Cache;
  readonly #random: () => number;
  #services: readonly string[] = [];
  readonly #askings = new Map<string, Asking>();

  constructor(cache: Cache, random: () => number) {
    this.#cache = cache;
    this.#random = random;
  }

  get deadline(): number {
    const times = [...this.#askings.values()].map((asking) => this.#dueAt(asking));
    return Math.min(Number.POSITIVE_INFINITY, ...times);
  }

  /** Looks for these services, such as `_sipuri._udp.local`, in place of those before. */
  browse(services: readonly string[], now: number): void {
    this.#services = services;
    this.restart(now);
  }

  /** The link was away: everything is asked anew, and quickly. */
  restart(now: number): void {
    this.#askings.clear();
    this.#want(now);
  }

  /** The cache has changed: other things are wanted. */
  learned(now: number): void {
    this.#want(now);
  }

  /** RFC 6762 7.3: somebody else asks what we want to know; its answers are for us as well. */
  heard(message: Message, now: number): void {
    const theirs = message.answers.map(recordKey);
    for (const { name, type, unicast } of message.questions) {
      if (unicast || type === 'ANY') continue;
      const asking = this.#askings.get(setKey(name, type));
      // About to be asked by us: within a second. What they know already they will not be told.
      if (asking === undefined || asking.next > now + FIRST_INTERVAL) continue;
      const ours = new Set(this.#cache.known(asking.name, asking.type, now).map(recordKey));
      if (theirs.every((key) => ours.has(key))) this.#asked(asking, now);
    }
  }

  /** The question that is due, with all that are. */
  tick(now: number): Message | undefined {
    this.#want(now);
    const askings = [...this.#askings.values()];
    if (!askings.some((asking) => this.#dueAt(asking) <= now)) return undefined;
    const isDue = (asking: Asking) =>
      this.#dueAt(asking) <= now || this.#cache.refreshAt(asking.name, asking.type) <= now + SOON;
    const due = askings.filter(isDue).slice(0, MOST_QUESTIONS);
    const questions = due.map(({ name, type }): Question => ({ name, type, unicast: false }));
    const answers = due.flatMap(({ name, type }) => this.#cache.known(name, type, now));
    for (const asking of due) this.#asked(asking, now);
    return { ...EMPTY, questions, answers };
  }

  #asked(asking: Asking, now: number): void {
    if (asking.next <= now + FIRST_INTERVAL) {
      asking.next = now + asking.interval;
      asking.interval = Math.min(2 * asking.interval, LONGEST_INTERVAL);
    }
    this.#cache.asked(asking.name, asking.type, now + SOON);
  }

  /** Instances are asked for again and again, everything else only as long as it is missing. */
  #dueAt(asking: Asking): number {
    const refresh = this.#cache.refreshAt(asking.name, asking.type);
    const continuous = asking.type === 'PTR' || this.#isMissing(asking);
    return continuous ? Math.min(asking.next, refresh) : refresh;
  }

  #isMissing({ name, type }: Wanted): boolean {
    if (this.#cache.get(name, type).length > 0) return false;
    return !this.#cache
      .get(name, 'NSEC')
      .some(({ data }) => data.type === 'NSEC' && !data.types.includes(type));
  }

  #want(now: number): void {
    const wanted = new Map(this.#wanted().map((each) => [setKey(each.name, each.type), each]));
    for (const key of this.#askings.keys()) if (!wanted.has(key)) this.#askings.delete(key);
    const delay = FIRST_DELAY.least + FIRST_DELAY.spread * this.#random();
    for (const [key, each] of wanted) {
      const asking = this.#askings.get(key);
      if (asking === undefined)
        this.#askings.set(key, { ...each, next: now + delay, interval: FIRST_INTERVAL });
      else if (each.type !== 'PTR' && !this.#isMissing(each)) {
        asking.next = now + delay;
        asking.interval = FIRST_INTERVAL;
      }
    }
  }

  #wanted(): readonly Wanted[] {
    const services = this.#services.map((name): Wanted => ({ name, type: 'PTR' }));
    const instances = this.#targets(this.#services, 'PTR');
    const hosts = this.#targets(instances, 'SRV');
    return [
      ...services,
      ...instances.flatMap((name): Wanted[] => [
        { name, type: 'SRV' },
        { name, type: 'TXT' },
      ]),
      ...hosts.flatMap((name): Wanted[] => [
        { name, type: 'A' },
        { name, type: 'AAAA' },
      ]),
    ];
  }

  #targets(names: readonly string[], type: 'PTR' | 'SRV'): readonly string[] {
    const targets = names
      .flatMap((name) => this.#cache.get(name, type))
      .flatMap(({ data }) => (data.type === 'PTR' || data.type === 'SRV' ? [data.target] : []));
    return [...new Map(targets.map((target) => [fold(target), target])).values()];
  }
}
