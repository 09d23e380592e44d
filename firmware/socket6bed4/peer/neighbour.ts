/**
 * What is known of the direct way to one neighbour: a table of states, pure, without a packet in it. One machine serves
 * both methods: neighbour discovery (draft-vanrein-6bed4-03 8.2) and Probe with the Seen flag (draft-vanrein-6bed4-04
 * section 6). A probe tries both at once; an advertisement or a Seen flag is a proof that what we send arrives.
 *
 * Packets go through the router until there is a proof, so none ever waits. To the states of the draft come:
 *
 * - SUSPECT, since 27 s without sound are too long in a call. A path that falls silent while we talk, or whose packets
 *   begin to come through the router, is left at once and probed. Silence counts from our first unanswered packet
 *   since we last paused, not from the last one heard: after a pause of both sides the other one gets its time to
 *   answer. A packet through the router counts only when direct ones stopped 300 ms before: those overtaken on the
 *   change to direct mean nothing.
 * - The Seen flag tells what was heard since the suspicion only. A memory of 27 s would prove to both sides that a cut
 *   path works.
 * - Being heard triggers a probe also right after a timer's: the first probe opened our hole for the neighbour's, and
 *   only the second one gets through its hole. Triggered probes have a limit of their own.
 *   Where the neighbour's packets come through the router anyway, it is their end that counts.
 * - Who solicits before we send anything gets one probe, not three: less to reflect for a forger.
 */

/** Milliseconds. */
const INIT = 1000;
const FAIL = 25_000;
const PEER = 25_000;
const POLL = 1000;
/** After our last packet a neighbour that cannot be reached directly is forgotten. */
const IDLE = 60_000;
/** What was heard or sent directly counts so long: PEER and both POLLs (draft-vanrein-6bed4-04 7.2). */
const RECENT = 27_000;
/** What the neighbour trusts from our Seen flag on, and a second for the way: our hole must last that long. */
const TRUST = 28_000;
const SILENCE = 600;
const SILENT_PACKETS = 5;
/** Frames are coming when this many came, the last of them so long ago at most. */
const FLOWING_FRAMES = 5;
const FLOWING = 5000;
const OVERTAKEN = 300;
const BETWEEN_SUSPICIONS = 2000;
const BETWEEN_TRIGGERED = 1000;
/** An advertisement later than this answers no solicitation of ours. */
const OUTSTANDING = 5000;

type State =
  | 'new'
  | 'init1'
  | 'init2'
  | 'fail'
  | 'idle'
  | 'peer'
  | 'poll1'
  | 'poll2'
  | 'suspect1'
  | 'suspect2'
  | 'suspect3'
  | 'gone';

type Path = 'direct' | 'relayed';

type Row = readonly [
  path: Path,
  /** Whether entering the state sends a probe. */
  probe: boolean,
  /** Milliseconds in the state; in IDLE they count from our last packet. */
  lasts: number,
  /** The state after that, if we sent something meanwhile, and if not. */
  busy: State,
  quiet: State,
];

const TABLE: Readonly<Record<State, Row>> = {
  new: ['relayed', false, Infinity, 'gone', 'gone'],
  init1: ['relayed', true, INIT, 'init2', 'init2'],
  init2: ['relayed', true, INIT, 'fail', 'fail'],
  fail: ['relayed', true, FAIL, 'fail', 'idle'],
  idle: ['relayed', false, IDLE, 'gone', 'gone'],
  peer: ['direct', false, PEER, 'poll1', 'gone'],
  poll1: ['direct', true, POLL, 'poll2', 'poll2'],
  poll2: ['direct', true, POLL, 'fail', 'fail'],
  suspect1: ['relayed', true, 300, 'suspect2', 'suspect2'],
  suspect2: ['relayed', true, 700, 'suspect3', 'suspect3'],
  suspect3: ['relayed', true, 1000, 'fail', 'fail'],
  gone: ['relayed', false, Infinity, 'gone', 'gone'],
};

/** Every event tells with its result whether a probe is to be sent now. All times are milliseconds on one clock. */
export class Neighbour {
  // For others to read.
  state: State = 'new';
  path: Path = 'relayed';
  /** When to call `expire`. */
  deadline = Infinity;
  /** When a packet of ours last went there, by any path; -Infinity: never. */
  sentAt = -Infinity;
  /** When something last came from there directly. */
  heardAt = -Infinity;
  readonly #hole: number;
  #directSentAt = -Infinity;
  #solicitedAt = -Infinity;
  #triggeredAt = -Infinity;
  #suspectedAt = -Infinity;
  /** Direct frames since the last suspicion. */
  #frames = 0;
  #frameAt = -Infinity;
  /** Frames by any path since then. */
  #flow = 0;
  #flowAt = -Infinity;
  /** Direct packets of ours, without a pause, since anything direct was heard, and when the first of them went. */
  #unanswered = 0;
  #unansweredSince = -Infinity;

  /** `hole`: how long the NAT on our side keeps an unused mapping. */
  constructor(hole: number) {
    this.#hole = hole;
  }

  /** A packet of ours is about to go there, by the path that `path` tells afterwards. */
  sending(now: number): boolean {
    if (now - this.sentAt >= SILENCE) this.#unanswered = 0;
    const probe = this.#stateForSending(now);
    this.sentAt = now;
    if (this.#isDirect) {
      this.#directSentAt = now;
      if (this.#unanswered === 0) this.#unansweredSince = now;
      this.#unanswered += 1;
    }
    return probe;
  }

  #stateForSending(now: number): boolean {
    if (this.#isDirect) return this.#isSilent(now) && this.suspect(now);
    if (this.state === 'idle') return this.#enter('fail', now);
    const first = this.sentAt === -Infinity && (this.state === 'new' || this.state === 'fail');
    return first && this.#enter('init1', now);
  }

  /** Whether packets to it may carry the Seen flag: something came, and our hole is open for long enough. */
  maySaySeen(now: number): boolean {
    return now - this.heardAt <= RECENT && now < this.#directSentAt + this.#hole - TRUST;
  }

  /** Something came from it directly: a frame, or only a probe or neighbour discovery. */
  heard(now: number, frame: boolean): boolean {
    this.heardAt = now;
    this.#unanswered = 0;
    if (frame) {
      this.#frames += 1;
      this.#frameAt = now;
      this.#flows(now);
    }
    if (this.state === 'new') {
      this.#triggeredAt = now;
      return this.#enter('fail', now);
    }
    if (this.#isDirect || now - this.#triggeredAt < BETWEEN_TRIGGERED) return false;
    this.#triggeredAt = now;
    return this.#probe(now);
  }

  /** Whether anything that we sent there may have been answered: without that, a probe or Seen flag means nothing. */
  isAwaited(now: number): boolean {
    return now - this.#directSentAt <= RECENT;
  }

  /** It says that it saw something of ours come directly. */
  seen(now: number): void {
    if (this.isAwaited(now)) this.#prove(now);
  }

  /** It advertised itself. False: nobody asked. */
  advertised(now: number): boolean {
    if (now - this.#solicitedAt > OUTSTANDING) return false;
    this.#solicitedAt = -Infinity;
    this.#prove(now);
    return true;
  }

  /** We advertised ourselves to it. */
  answered(now: number): void {
    this.#directSentAt = now;
  }

  /** A frame of it came through the router. */
  relayed(now: number): boolean {
    this.#flows(now);
    const silence = now - this.#frameAt;
    const left = this.#frames > 0 && silence >= OVERTAKEN && silence <= FLOWING;
    return left && now - this.#suspectedAt >= BETWEEN_SUSPICIONS && this.suspect(now);
  }

  /** Somebody doubts the direct path. */
  suspect(now: number): boolean {
    if (!this.#isDirect) return false;
    this.#suspectedAt = now;
    this.heardAt = -Infinity;
    this.#frames = 0;
    this.#flow = 0;
    this.#unanswered = 0;
    return this.#enter('suspect1', now);
  }

  /** The time of a state is over. */
  expire(now: number): boolean {
    let probe = false;
    while (this.deadline <= now) {
      const [, , lasts, busy, quiet] = TABLE[this.state];
      probe = this.#enter(now - this.sentAt < lasts ? busy : quiet, now) || probe;
    }
    return probe;
  }

  #isSilent(now: number): boolean {
    return (
      this.#unanswered >= SILENT_PACKETS &&
      now - this.#unansweredSince >= SILENCE &&
      this.#flow >= FLOWING_FRAMES &&
      now - this.#flowAt >= SILENCE &&
      now - this.#flowAt <= FLOWING &&
      now - this.#suspectedAt >= BETWEEN_SUSPICIONS
    );
  }

  #flows(now: number): void {
    this.#flow += 1;
    this.#flowAt = now;
  }

  #prove(now: number): void {
    if (!this.#isDirect) this.#unanswered = 0;
    this.#enter('peer', now);
  }

  get #isDirect(): boolean {
    return this.path === 'direct';
  }

  #enter(state: State, now: number): boolean {
    const [path, probe, lasts] = TABLE[state];
    this.state = state;
    this.path = path;
    this.deadline = (state === 'idle' ? this.sentAt : now) + lasts;
    return probe && this.#probe(now);
  }

  #probe(now: number): true {
    this.#directSentAt = now;
    this.#solicitedAt = now;
    return true;
  }
}
