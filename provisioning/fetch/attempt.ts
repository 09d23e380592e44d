/** One server asked for its files, one after the other, as its plan says. Nothing of it counts before all of it is there. */
import type { Mapping } from '../schema_shape.ts';
import type { Candidate, FileFormat, Layer } from '../types.ts';
import type { Plan, PlannedFile } from './plan.ts';
import type { Failure } from './retry.ts';
import type { Presented } from './trust.ts';
import { hostIn } from './trust.ts';

/** What a server wants to hear when asked again (RFC 9110 13.1). */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** A file that came and was read. */
export interface Content {
  /** As they came: files behind it in its group are read together with it. */
  readonly octets: Uint8Array;
  /** URLs of further files, relative to this one, that it names in place of settings (Yealink's .boot). */
  readonly includes: readonly string[];
  readonly format: FileFormat;
  readonly value: Mapping;
  readonly unknown: readonly string[];
  readonly warnings: readonly string[];
  readonly validators: Validators;
  /** What the server that was asked showed; absent without TLS. */
  readonly shown?: Presented;
  /** It was asked by http and sent us to itself by https; `shown` is of that. */
  readonly upgraded?: boolean;
  /** `Link: <sip:…>; rel="monitor"` (RFC 6011 2.5.1): who tells when it changes. */
  readonly monitor?: string;
  /** Seconds that the server lets it live (RFC 6011 2.5.2). */
  readonly maxAge?: number;
}

export type Answer =
  | { readonly kind: 'content'; readonly content: Content }
  | { readonly kind: 'unchanged'; readonly maxAge?: number }
  /** 404, 410. */
  | { readonly kind: 'absent' }
  /** TLS with a server that nobody vouches for: nothing was asked. */
  | { readonly kind: 'unproved' }
  /** TLS with another than the pinned one: nothing was asked. */
  | { readonly kind: 'changed'; readonly reason: string; readonly shown?: Presented }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A file of a configuration that was taken. */
export interface FileRecord {
  readonly url: string;
  readonly validators: Validators;
  /** As of Content; it stays with a 304 (RFC 6011 2.6.1). */
  readonly monitor?: string;
}

export type Progress =
  | {
      readonly kind: 'ask';
      readonly file: PlannedFile;
      readonly validators: Validators | undefined;
      /** Files of the group that came before. */
      readonly common: readonly Uint8Array[];
    }
  /** All of a group that is there. `changed`: something is other than what was known. */
  | {
      readonly kind: 'done';
      readonly files: readonly FileRecord[];
      readonly contents: readonly Content[];
      readonly layers: readonly Layer[];
      readonly changed: boolean;
      readonly maxAge: number | undefined;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };

const NOTHING_THERE: Failure = { kind: 'status', status: 404 };
const UNASKED: Failure = { kind: 'unusable', error: 'the server says 304, and was not asked for changes' };
const MOST_INCLUDES = 8;

export class Attempt {
  readonly candidate: Candidate;
  readonly plan: Plan;
  /** Whether a server is believed at first use for whom nobody vouches. */
  readonly firstUse: boolean;
  /** What is known of these files already. */
  #known: ReadonlyMap<string, FileRecord>;
  #group = 0;
  /** Of the group, those that are still to be asked for. */
  #waiting: PlannedFile[];
  #asked: PlannedFile | undefined;
  #unchanged = 0;
  #files: FileRecord[] = [];
  #contents: Content[] = [];
  #layers: Layer[] = [];
  #maxAge: number | undefined;

  constructor(candidate: Candidate, plan: Plan, known: readonly FileRecord[], firstUse: boolean) {
    this.candidate = candidate;
    this.plan = plan;
    this.firstUse = firstUse;
    this.#known = new Map(known.map((file) => [file.url, file]));
    this.#waiting = [...(plan.groups[0] ?? [])];
  }

  /** The first thing to do; a plan without files fails. */
  begin(): Progress {
    return this.#next();
  }

  answered(answer: Exclude<Answer, { kind: 'unproved' | 'changed' }>): Progress {
    const file = this.#asked;
    if (file === undefined) return { kind: 'failed', failure: NOTHING_THERE };
    if (answer.kind === 'failed') return answer;
    if (answer.kind === 'absent') {
      return file.quiet ? this.#next() : { kind: 'failed', failure: NOTHING_THERE };
    }
    if (file.stops) this.#waiting = [];
    if (answer.kind === 'unchanged') {
      const known = this.#known.get(file.url);
      if (known === undefined) return { kind: 'failed', failure: UNASKED };
      this.#live(answer.maxAge);
      this.#unchanged += 1;
      this.#files.push(known);
    } else this.#take(file, answer.content);
    return this.#next();
  }

  #take(file: PlannedFile, content: Content): void {
    this.#live(content.maxAge);
    this.#contents.push(content);
    const { validators, monitor } = content;
    this.#files.push({ url: file.url, validators, ...(monitor === undefined ? {} : { monitor }) });
    this.#layers.push({ origin: file.layer, from: file.url, value: content.value });
    const more = content.includes.slice(0, MOST_INCLUDES).flatMap((url) => included(url, file) ?? []);
    const isNew = ({ url }: PlannedFile) => !this.#files.some((one) => one.url === url);
    if (this.#files.length <= MOST_INCLUDES) this.#waiting.unshift(...more.filter(isNew));
  }

  #next(): Progress {
    for (;;) {
      const file = this.#waiting.shift();
      this.#asked = file;
      if (file !== undefined) {
        const { validators } = this.#known.get(file.url) ?? {};
        return { kind: 'ask', file, validators, common: this.#contents.map(({ octets }) => octets) };
      }
      if (this.#files.length === 0) this.#group += 1;
      else if (this.#unchanged > 0 && !this.#isSame) this.#again();
      else return this.#ended();
      const group = this.plan.groups[this.#group];
      if (group === undefined) return { kind: 'failed', failure: NOTHING_THERE };
      this.#waiting = [...group];
    }
  }

  get #isSame(): boolean {
    return this.#contents.length === 0 && this.#files.length === this.#known.size;
  }

  /** A file has changed, and another, of which we have nothing now, has not: all of them once more, whole. */
  #again(): void {
    this.#known = new Map();
    this.#unchanged = 0;
    this.#files = [];
    this.#contents = [];
    this.#layers = [];
  }

  #ended(): Progress {
    const { kind, changed } = { kind: 'done', changed: !this.#isSame } as const;
    const [files, contents, layers] = [this.#files, this.#contents, this.#layers];
    return { kind, changed, files, contents, layers, maxAge: this.#maxAge };
  }

  #live(maxAge: number | undefined): void {
    if (maxAge !== undefined) this.#maxAge = Math.min(maxAge, this.#maxAge ?? maxAge);
  }
}

/** A file that another names: of the same server, and no less secure. */
function included(url: string, { url: base, layer }: PlannedFile): PlannedFile | undefined {
  const there = URL.parse(url, base);
  const here = new URL(base);
  if (there === null || there.protocol !== here.protocol || hostIn(there.href) !== hostIn(base))
    return undefined;
  Object.assign(there, { username: '', password: '', hash: '' });
  return { url: there.href, layer, stops: false, quiet: true };
}
