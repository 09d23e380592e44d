/**
 * Fetching as one machine: candidates in, questions out, and of the answers a configuration, whole or not at all.
 *
 * A round asks the candidates in the order of their rank, each with a head start before the next; the first whole
 * configuration ends it. Whoever gave it is pinned (trust.ts) and asked again at intervals; nobody else is, then.
 */
import { compareVersions } from '../lifecycle/version.ts';
import type { Candidate } from '../types.ts';
import { type Answer, Attempt, type Content, type FileRecord, type Progress } from './attempt.ts';
import { moveToIn, pinsIn, versionIn } from './instructions.ts';
import { type Entry, type Objection, type Place, Places, secured } from './places.ts';
import { failureText, LONGEST_PAUSE, verdictOf } from './retry.ts';
import { ServerChanges } from './server_changes.ts';
import { type Pin, pinOf } from './trust.ts';
import type { FetchEffect, FetchInput, FetchingOptions, ServerChange, Standing } from './types.ts';

/** ms before the next candidate is asked too. */
const HEAD_START = 2_000;
/** Between the beginnings of two rounds, however often the network changes. ms */
const LEAST_GAP = 1_000;
/** Seconds; a server that says max-age=0 is not asked for ever. */
const SHORTEST_INTERVAL = 60;

interface Running {
  readonly attempt: Attempt;
  readonly place: Place;
  ticket: number;
}

export class Fetching {
  readonly #options: FetchingOptions;
  readonly #places: Places;
  readonly #changes = new ServerChanges();
  /** Whom a person said that he wants, last. */
  #approved: string | undefined;
  #standing: Standing | undefined;
  #queue: Entry[] = [];
  #running: Running[] = [];
  #begun = Number.NEGATIVE_INFINITY;
  #startNext = Number.POSITIVE_INFINITY;
  #nextRound = Number.POSITIVE_INFINITY;
  #tickets = 0;
  #effects: FetchEffect[] = [];

  constructor(options: FetchingOptions) {
    const { standing } = options;
    this.#options = options;
    this.#places = new Places(options);
    this.#standing = standing;
    if (standing === undefined) return;
    this.#places.believe(standing.pin, undefined);
    this.#places.learn(pinnedCandidate(standing));
    this.#nextRound = 0;
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return Math.min(this.#startNext, this.#nextRound);
  }

  get pin(): Pin | undefined {
    return this.#standing?.pin;
  }

  /** What is known of the files of our configuration. */
  get files(): readonly FileRecord[] {
    return this.#standing?.files ?? [];
  }

  /** Who wants to be our server, and waits for a person. */
  get changes(): readonly ServerChange[] {
    return this.#changes.all;
  }

  handle(input: FetchInput, now: number): FetchEffect[] {
    switch (input.kind) {
      case 'candidates':
        this.#learn(input.candidates, now);
        break;
      case 'answer':
        this.#answered(input.ticket, input.answer, now);
        break;
      case 'approve':
        this.#approve(input.host, now);
        break;
      case 'given-up':
        this.#unpin(input.host, now);
        break;
      case 'resync':
      case 'network-changed':
        this.#anew(now);
        break;
      case 'tick':
        if (now >= this.#nextRound) this.#round(now);
        else if (now >= this.#startNext) this.#start(now);
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #learn(candidates: readonly Candidate[], now: number): void {
    const fresh = this.#places.know(candidates).flatMap((one) => this.#heed(one) ?? []);
    this.#letGo(now);
    if (fresh.length === 0) return;
    const busy = this.#running.length > 0;
    // Our server is asked in its time, but a person does not wait for it.
    const waits =
      this.#standing !== undefined && fresh.every(({ candidate: { step } }) => step !== 'drop file');
    if (busy) {
      for (const place of fresh) this.#enqueue(place, false);
      this.#startNext = Math.min(this.#startNext, now + HEAD_START);
    } else if (!waits) this.#anew(now, false);
  }

  /** Why it may not be asked is told. */
  #heed(found: Place | Objection): Place | undefined {
    if (!('reason' in found)) return found;
    const { candidate, host, reason, change } = found;
    if (!change) this.#refuse(candidate.url, reason);
    else if (this.#standing?.offered?.includes(host) !== true) this.#tellChange(found);
    return undefined;
  }

  /** Who was found in another network is waited for no more. */
  #letGo(now: number): void {
    const isGone = ({ place }: { readonly place: Place }) => !this.#places.has(place);
    this.#queue = this.#queue.filter((entry) => !isGone(entry));
    for (const running of this.#running.filter(isGone)) {
      this.#effects.push({ kind: 'forget', ticket: running.ticket });
      this.#over(running, now);
    }
  }

  /** Whoever stands on the network can make us say this: once for each host, and nobody is asked. */
  #tellChange({ candidate, host, reason }: Omit<Objection, 'change'>): void {
    const { url, from } = candidate;
    const change = { host, url: withoutLogin(url), from, reason };
    const place = this.#changes.add(candidate, change, host === this.pin?.host);
    if (place === 'added') this.#effects.push({ kind: 'server-change', change });
    else if (place === 'crowded') this.#effects.push({ kind: 'server-change', change, crowded: true });
  }

  #approve(host: string, now: number): void {
    const candidate = this.#changes.candidateOf(host);
    if (candidate === undefined) return;
    this.#changes.remove(host);
    this.#approved = host;
    this.#moveTo(host, candidate, now);
  }

  /** What the first server gave was of no use, and nobody else stands for it: whoever comes next is the first. */
  #unpin(host: string, now: number): void {
    if (this.#standing?.provisional !== true || this.pin?.host !== host) return;
    this.#standing = undefined;
    this.#changes.clear();
    this.#places.believe(undefined, undefined);
    for (const place of this.#places.all) if (place.host === host) place.notBefore = Number.POSITIVE_INFINITY;
    this.#anew(now, false);
  }

  /** The old pin stays until the new server has given a configuration: a wrong turn must not leave us without. */
  #moveTo(host: string, candidate: Candidate, now: number): void {
    // The same host with another key: what it was pinned by no longer counts.
    if (this.#standing?.pin.host === host) this.#standing = { ...this.#standing, pin: { host, keys: [] } };
    this.#places.forget(candidate.url);
    this.#places.believe(this.pin, host);
    const found = this.#places.learn(candidate);
    if (found !== undefined) this.#heed(found);
    this.#anew(now);
  }

  /** A round as soon as may be; `all`: also of those that are to be left alone for a while. */
  #anew(now: number, all = true): void {
    if (all) for (const place of this.#places.all) place.notBefore = Math.min(place.notBefore, now);
    this.#nextRound = Math.max(now, this.#begun + LEAST_GAP);
    if (this.#nextRound <= now) this.#round(now);
  }

  #round(now: number): void {
    this.#stop();
    this.#begun = now;
    for (const place of this.#places.all) if (place.notBefore <= now) this.#enqueue(place, false);
    this.#start(now);
  }

  #stop(): void {
    for (const { ticket } of this.#running) this.#effects.push({ kind: 'forget', ticket });
    this.#running = [];
    this.#queue = [];
    this.#startNext = Number.POSITIVE_INFINITY;
    this.#nextRound = Number.POSITIVE_INFINITY;
  }

  #enqueue(place: Place, firstUse: boolean): void {
    this.#queue.push({ place, firstUse });
    this.#places.sort(this.#queue);
  }

  #start(now: number): void {
    const next = this.#queue.shift();
    this.#startNext = this.#queue.length > 0 ? now + HEAD_START : Number.POSITIVE_INFINITY;
    if (next !== undefined) {
      const { candidate, plan } = next.place;
      const known = this.#standing?.url === withoutLogin(candidate.url) ? this.#standing.files : [];
      const attempt = new Attempt(candidate, plan, known, next.firstUse);
      const running = { attempt, place: next.place, ticket: 0 };
      this.#running.push(running);
      this.#go(running, attempt.begin(), now);
    } else if (this.#running.length === 0) this.#rest(now);
  }

  #go(running: Running, progress: Progress, now: number): void {
    if (progress.kind === 'ask') this.#ask(running, progress);
    else if (progress.kind === 'done') this.#done(running, progress, now);
    else {
      const { place } = running;
      const { failure } = progress;
      const asked = failure.kind === 'status' ? failure.retryAfter : undefined;
      const later = verdictOf(failure) === 'later';
      place.notBefore = later ? now + place.backoff.next(asked) : Number.POSITIVE_INFINITY;
      this.#fail(place, failureText(failure));
      this.#over(running, now);
    }
  }

  /** Told when it begins and when it is another: a server that is away for a night is one line of the log. */
  #fail(place: Place, reason: string): void {
    if (place.trouble === reason) return;
    place.trouble = reason;
    this.#refuse(place.candidate.url, reason);
  }

  #ask(running: Running, { file, validators, common }: Extract<Progress, { kind: 'ask' }>): void {
    const { place, attempt } = running;
    this.#tickets += 1;
    running.ticket = this.#tickets;
    this.#effects.push({
      kind: 'ask',
      ticket: this.#tickets,
      question: {
        ...{ url: file.url, validators, login: place.plan.login, domain: place.candidate.domain },
        ...{ pin: this.#places.pinFor(place), firstUse: attempt.firstUse, common },
      },
    });
  }

  #answered(ticket: number, answer: Answer, now: number): void {
    const running = this.#running.find((one) => one.ticket === ticket);
    if (running === undefined) return;
    const { place, attempt } = running;
    if (answer.kind === 'unproved') {
      this.#enqueue(place, true);
      this.#over(running, now);
    } else if (answer.kind === 'changed') {
      place.notBefore = Number.POSITIVE_INFINITY;
      this.#tellChange({ candidate: place.candidate, host: place.host, reason: answer.reason });
      this.#fail(place, answer.reason);
      this.#over(running, now);
    } else this.#go(running, attempt.answered(answer), now);
  }

  #over(running: Running, now: number): void {
    this.#running = this.#running.filter((one) => one !== running);
    this.#start(now);
  }

  #done(running: Running, done: Extract<Progress, { kind: 'done' }>, now: number): void {
    const { place } = running;
    const { candidate, host, backoff } = place;
    const version = versionIn(done.contents);
    const last = this.pin?.host === host ? this.#standing?.version : undefined;
    backoff.succeeded();
    if (place.trouble !== undefined) this.#effects.push({ kind: 'answers-again', host });
    place.trouble = undefined;
    this.#running = this.#running.filter((one) => one !== running);
    this.#stop();
    const old = done.changed && compareVersions(version, last) < 0;
    if (old) this.#refuse(candidate.url, olderText(version, last), true);
    else if (done.changed) this.#take(place, done, version);
    else this.#effects.push({ kind: 'unchanged', host });
    this.#pollLater(now, done.maxAge);
    if (!old) this.#followMove(candidate, done.contents, now);
  }

  #take(
    { candidate, host }: Place,
    { files, contents, layers }: Extract<Progress, { kind: 'done' }>,
    version: string | undefined,
  ): void {
    const before = this.pin;
    const shown = contents.find((content) => content.shown !== undefined)?.shown;
    const pin = before?.host === host && before.keys.length > 0 ? before : pinOf(host, shown);
    const url = withoutLogin(
      contents.some(({ upgraded }) => upgraded) ? secured(candidate.url) : candidate.url,
    );
    // Who was there beside the first one is no news later.
    const offered = before === undefined ? this.#places.hosts : this.#standing?.offered;
    const isWanted = candidate.step === 'drop file' || host === this.#approved;
    const provisional = !isWanted && (before === undefined || this.#standing?.provisional === true);
    this.#standing = {
      ...{ pin: withAnnounced(pin, contents), url, step: candidate.step },
      ...{ files, offered: (offered ?? []).filter((other) => other !== host) },
      ...(candidate.domain === undefined ? {} : { domain: candidate.domain }),
      ...(version === undefined ? {} : { version }),
      ...(provisional && { provisional }),
    };
    this.#changes.remove(host);
    this.#places.believe(this.pin, undefined);
    this.#effects.push({
      ...{ kind: 'fetched', from: candidate.from, host, layers, standing: this.#standing },
      ...(version === undefined ? {} : { version }),
      warnings: contents.flatMap(({ warnings, unknown }) => [
        ...warnings,
        ...unknown.map((key) => `${key}: unknown key, ignored`),
      ]),
    });
  }

  /** A short time before the configuration's life ends (RFC 6011 2.5.2), and not all telephones at once. */
  #pollLater(now: number, maxAge: number | undefined): void {
    const { interval, chance } = this.#options;
    const seconds = Math.max(SHORTEST_INTERVAL, Math.min(interval, maxAge ?? interval));
    const poll = now + seconds * 1000 * (1 - chance() / 10);
    // The one that we were told to go to did not answer: it is not waited for until then.
    const next = this.#places.all.find(({ host }) => host === this.#places.movingTo)?.notBefore ?? poll;
    this.#nextRound = Math.min(poll, Math.max(next, now + LEAST_GAP));
  }

  /** The server that is believed names its successor; from https it may only lead to https. */
  #followMove(candidate: Candidate, contents: readonly Content[], now: number): void {
    const to = moveToIn(contents);
    if (to === undefined || this.#standing === undefined) return;
    const { pin } = this.#standing;
    const url = URL.parse(to);
    if (url === null || url.host === pin.host) return;
    if (pin.keys.length > 0 && url.protocol !== 'https:') {
      this.#refuse(to, 'moveTo leads away from https', true);
      return;
    }
    const from = `moveTo in the file of ${pin.host}`;
    this.#moveTo(url.host, { step: candidate.step, url: to, family: undefined, from, order: 0 }, now);
  }

  /** Nobody had anything: again as soon as one of them may be asked again. */
  #rest(now: number): void {
    const { interval, chance } = this.#options;
    const places = this.#places.all;
    if (places.length === 0) return;
    // Those that were removed get another chance: a server learns of a new telephone within the hour.
    const most = this.#standing === undefined ? LONGEST_PAUSE : interval * 1000;
    const late = now + most * (1 - chance() / 10);
    for (const place of places) place.notBefore = Math.min(place.notBefore, late);
    this.#nextRound = Math.max(now + 1, Math.min(...places.map(({ notBefore }) => notBefore)));
  }

  #refuse(url: string, reason: string, grave = false): void {
    this.#effects.push({ kind: 'refused', url: withoutLogin(url), reason, ...(grave && { grave }) });
  }
}

function pinnedCandidate({ url, domain }: Standing): Candidate {
  const place = { step: 'pinned', url, family: undefined, from: 'the server of before', order: 0 } as const;
  return domain === undefined ? place : { ...place, domain };
}

/** No version is older than any: a file from before there were any is sent again as easily. */
function olderText(version: string | undefined, last: string | undefined): string {
  const what = version === undefined ? 'a file without version' : `version ${version}`;
  return `${what} is older than ${last}, which was here before`;
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

function withAnnounced(pin: Pin, contents: readonly Content[]): Pin {
  return pin.keys.length === 0 ? pin : { ...pin, keys: [...new Set([...pin.keys, ...pinsIn(contents)])] };
}
