/**
 * The machine of updates: says that the slot that runs is good, looks for newer versions, has RAUC install them while nobody
 * uses the telephone, and starts anew when it is quiet. What a bundle may be is judged by RAUC alone: signature,
 * `compatible`, and that it is not older.
 */
import type { UpdateStatus } from '#phone/types.ts';
import { Channel } from './channel.ts';
import { otherOf, type Slots } from './slots.ts';
import { TIMINGS } from './timings.ts';
import type { Bundle, UpdateEffect, UpdateInput } from './types.ts';

export interface UpdaterOptions {
  /** What runs. */
  readonly version: string;
  /** Bundles are believed that are signed with a key that anybody may have made while building. */
  readonly development: boolean;
  /** 0 to 1 */
  readonly random: () => number;
}

interface Work extends Bundle {
  /** It lay in the folder, and goes when it is done with. */
  readonly laid: boolean;
}

/** What becomes of an installation. */
type Outcome = Extract<UpdateInput, { readonly kind: 'installed' | 'runs already' | 'refused' }>;

const NEVER = Number.POSITIVE_INFINITY;

export class Updater {
  readonly #options: UpdaterOptions;
  readonly #channel: Channel;
  #slots: Slots | undefined;
  /** Since when nobody uses it. */
  #idleSince: number | undefined;
  #serves = false;
  /** When RAUC is told that the slot is good; undefined: not, or it is being told. */
  #markAt: number | undefined;
  #waiting: Work[] = [];
  #working: Work | undefined;
  #percent = 0;
  /** Something is installed that has not been started. */
  #installed: 'no' | 'yes' | 'starting' = 'no';
  #available: string | undefined;
  #refused: string | undefined;
  /** What was not installed because it runs. */
  #present: string | undefined;
  /** Before that the system is not told to start anew; undefined: it has heard, or was never told. */
  #restartAt: number | undefined;

  constructor(options: UpdaterOptions) {
    this.#options = options;
    this.#channel = new Channel(options.random);
  }

  get deadline(): number {
    if (this.#slots === undefined) return NEVER;
    const mark = this.#working === undefined ? (this.#markAt ?? NEVER) : NEVER;
    return Math.min(this.#channel.deadline, mark, this.#quietAt);
  }

  /** undefined: RAUC has not said yet what the slots are. */
  get status(): UpdateStatus | undefined {
    if (this.#slots === undefined) return undefined;
    const { slot, state, fell } = this.#slots;
    const { hash: _, ...other } = this.#slots.other;
    const { version, development } = this.#options;
    return {
      ...{ slot, version, state, other, fell: fell ?? null, development },
      ...(this.#working === undefined ? {} : { installing: this.#percent }),
      ...this.#waits,
      ...(this.#available === undefined ? {} : { available: this.#available }),
      ...(this.#refused === undefined ? {} : { refused: this.#refused }),
      ...(this.#present === undefined ? {} : { present: this.#present }),
    };
  }

  get #waits(): Pick<UpdateStatus, 'waiting'> {
    if (this.#installed !== 'no') return { waiting: 'restart' };
    if (this.#waiting.length === 0) return {};
    return { waiting: this.#isGood ? 'installation' : 'trial' };
  }

  /** RAUC knows it too: what is installed then leaves a way back. */
  get #isGood(): boolean {
    return this.#slots?.state === 'good' && this.#markAt === undefined;
  }

  handle(input: UpdateInput, now: number): readonly UpdateEffect[] {
    return [...this.#heard(input, now), ...this.#due(now)];
  }

  #heard(input: UpdateInput, now: number): readonly UpdateEffect[] {
    switch (input.kind) {
      case 'configured':
        this.#channel.goBy(input.wanted, now);
        return [];
      case 'slots':
        return this.#found(input.slots, now);
      case 'idle':
        this.#idleSince = input.idle ? (this.#idleSince ?? now) : undefined;
        return [];
      case 'serves':
        // A slot that was good before has been marked when that was known.
        if (!this.#serves && this.#slots?.state !== 'good') this.#markAt = now;
        this.#serves = true;
        return [];
      case 'marked':
        return [{ kind: 'ask' }];
      case 'not marked':
        this.#markAt = now + TIMINGS.markAgain;
        return [tell('warn', `the slot cannot be marked good: ${input.reason}`)];
      case 'manifest':
        return this.#answered(input.octets, input.from, now);
      case 'no manifest':
        this.#channel.failed(now);
        return this.#notTaken(input.reason);
      case 'laid':
        return this.#want({ ...input.bundle, laid: true });
      case 'check':
        return this.#look(now, true);
      case 'install':
        return this.#want({ ...input.bundle, laid: false });
      case 'progress':
        this.#percent = Math.max(0, Math.min(100, Math.trunc(input.percent)));
        return [];
      case 'installed':
      case 'runs already':
      case 'refused':
        return this.#ended(input);
      case 'not started':
        return this.#notStarted(input.reason, now);
      case 'tick':
        return [];
    }
  }

  /** What is to be done by now, whatever was heard. */
  #due(now: number): readonly UpdateEffect[] {
    if (this.#slots === undefined) return [];
    return [...this.#mark(now), ...this.#look(now, false), ...this.#restart(now), ...this.#install()];
  }

  #found(slots: Slots, now: number): readonly UpdateEffect[] {
    const isFirst = this.#slots === undefined;
    const { fell, ...withoutFall } = slots;
    // The boot state was read at the start; an installation has forgotten since who was given up.
    this.#slots = this.#installed === 'no' ? slots : withoutFall;
    if (!isFirst) return [];
    const { slot, state, other } = slots;
    // It was good, and it comes up: three starts without its registrar must not cost it its place.
    if (state === 'good') this.#markAt = now;
    const { version, development } = this.#options;
    const isTrial = state === 'trial';
    const said = [
      tell(
        'info',
        `slot ${slot}, version ${version}${isTrial ? ', on trial' : ''}`,
        isTrial ? 'Update on trial' : undefined,
      ),
    ];
    if (development)
      said.push(
        tell('warn', 'updates are believed that are signed with a development key', 'Development key'),
      );
    if (fell === otherOf(slot)) {
      const which = other.version === undefined ? `slot ${fell}` : `${other.version} in slot ${fell}`;
      said.push(tell('warn', `${which} was given up: ${version} runs again`, 'Update rolled back'));
    }
    return said;
  }

  /** Once after each start: it gives the slot the start back that U-Boot has counted. */
  #mark(now: number): readonly UpdateEffect[] {
    if (this.#markAt === undefined || now < this.#markAt || this.#working !== undefined) return [];
    this.#markAt = undefined;
    return [{ kind: 'mark' }];
  }

  #look(now: number, insisted: boolean): readonly UpdateEffect[] {
    const url = this.#slots === undefined ? undefined : this.#channel.look(now, insisted);
    return url === undefined ? [] : [{ kind: 'look', url }];
  }

  #answered(octets: Uint8Array, from: string, now: number): readonly UpdateEffect[] {
    if (this.#slots === undefined) return [];
    const { version } = this.#options;
    const answer = this.#channel.answered(octets, from, { version, slots: this.#slots }, now);
    if (answer.kind === 'refused') return this.#notTaken(answer.reason);
    this.#refused = undefined;
    const isNews = answer.kind === 'newer' && answer.version !== this.#available;
    this.#available = answer.kind === 'newer' ? answer.version : undefined;
    if (answer.kind === 'current') return [];
    const said = isNews
      ? [tell('info', `version ${answer.version} is there`, `Update ${answer.version}`.slice(0, 20))]
      : [];
    if (this.#channel.wanted.mode !== 'auto' || this.#installed !== 'no') return said;
    const { bundle: source } = answer;
    return [...said, ...this.#want({ source, allowOlder: false, version: answer.version, laid: false })];
  }

  #want(work: Work): readonly UpdateEffect[] {
    const { source } = work;
    const isKnown = this.#working?.source === source || this.#waiting.some((each) => each.source === source);
    if (isKnown) return [];
    this.#waiting.push(work);
    return [];
  }

  /**
   * While nobody uses the telephone. Never over the way back: while the slot that runs is on trial, nor while another one
   * is installed that waits to be started.
   */
  #install(): readonly UpdateEffect[] {
    if (this.#working !== undefined || this.#installed !== 'no' || this.#idleSince === undefined) return [];
    if (!this.#isGood) return [];
    const work = this.#waiting.shift();
    if (work === undefined) return [];
    this.#working = work;
    this.#percent = 0;
    this.#refused = undefined;
    this.#present = undefined;
    const { laid: _, ...bundle } = work;
    return [tell('info', `installing ${shown(bundle.source)}`), { kind: 'install', bundle }];
  }

  #ended(input: Outcome): readonly UpdateEffect[] {
    const work = this.#working;
    if (work === undefined) return [];
    this.#working = undefined;
    const name = shown(work.source);
    const gone: UpdateEffect[] = work.laid ? [{ kind: 'remove', path: work.source }] : [];
    const done: UpdateEffect[] = [...gone, { kind: 'ask' }];
    switch (input.kind) {
      case 'refused':
        return [...done, ...this.#notTaken(`${name}: ${reasonOf(work, input)}`, 'Update refused')];
      case 'runs already':
        // The power went before it was removed: over the way back it is not installed once more.
        this.#present = name;
        return [...gone, tell('info', `${name} is what runs already`, 'Update runs already')];
      case 'installed':
        this.#installed = 'yes';
        this.#available = undefined;
        return [...done, tell('info', `${name} is installed`, 'Update installed')];
    }
  }

  #restart(now: number): readonly UpdateEffect[] {
    if (this.#installed !== 'yes' || now < this.#quietAt) return [];
    this.#installed = 'starting';
    const isFirst = this.#restartAt === undefined;
    return [
      ...(isFirst ? [tell('info', 'starting anew into what was installed', 'Starting anew')] : []),
      { kind: 'restart' },
    ];
  }

  #notStarted(reason: string, now: number): readonly UpdateEffect[] {
    if (this.#installed !== 'starting') return [];
    const isFirst = this.#restartAt === undefined;
    this.#installed = 'yes';
    this.#restartAt = now + TIMINGS.restartAgain;
    return isFirst ? [tell('warn', `cannot start anew: ${reason}`)] : [];
  }

  get #quietAt(): number {
    return this.#installed === 'yes' && this.#idleSince !== undefined
      ? Math.max(this.#idleSince + TIMINGS.quiet, this.#restartAt ?? 0)
      : NEVER;
  }

  #notTaken(reason: string, screen?: string): readonly UpdateEffect[] {
    const isNews = reason !== this.#refused;
    this.#refused = reason;
    return isNews ? [tell('warn', `no update: ${reason}`, screen)] : [];
  }
}

function tell(level: 'info' | 'warn', text: string, screen?: string): UpdateEffect {
  return { kind: 'tell', level, text, ...(screen === undefined ? {} : { screen }) };
}

/** RAUC's words name the bundle as it was asked for it. */
function reasonOf({ source }: Work, { reason }: { readonly reason: string }): string {
  return reason.replaceAll(source, shown(source));
}

/** Without what may be secret in a URL. */
export function shown(source: string): string {
  return source.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/, '');
}
