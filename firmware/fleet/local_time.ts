/**
 * The time where the telephone stands: its zone, and what a clock on the display shows, told anew with each minute. The
 * zone is that of the whole process: whatever says a local time, as caller ID does, says the same.
 */
import type { ShownTime } from '#phone/types.ts';

export interface LocalTimeOptions {
  /** ms since the epoch; undefined: nobody knows. */
  readonly time: () => number | undefined;
  readonly show: (shown: ShownTime | undefined) => void;
  /** Where `TZ` stands; default: the process's. */
  readonly environment?: NodeJS.ProcessEnv;
}

const MINUTE = 60_000;

export class LocalTime {
  readonly #options: LocalTimeOptions;
  readonly #environment: NodeJS.ProcessEnv;
  /** As the system has it. */
  readonly #own: string | undefined;
  #used: string | undefined;
  #language: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LocalTimeOptions) {
    this.#options = options;
    this.#environment = options.environment ?? process.env;
    this.#own = this.#environment.TZ;
  }

  /** Of the time zone database. */
  get zone(): string {
    // What ICU calls a zone may be its older name.
    return this.#used ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  /** A name of the time zone database; undefined: the system's. Node looks at TZ whenever it is set or removed. */
  use(zone: string | undefined): void {
    this.#used = zone;
    const wanted = zone ?? this.#own;
    if (wanted === this.#environment.TZ) return;
    if (wanted === undefined) delete this.#environment.TZ;
    else this.#environment.TZ = wanted;
    this.tell();
  }

  /** Of weekdays and months on the display: two letters; undefined: English. */
  speak(language: string | undefined): void {
    this.#language = language;
  }

  /** Says what time it is, now and from then on; to be called when the clock was set, or somebody new looks at it. */
  tell(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const { time, show } = this.#options;
    const now = time();
    show(now === undefined ? undefined : shownTime(now, this.zone, this.#language));
    this.#timer = setTimeout(() => this.tell(), MINUTE - ((now ?? 0) % MINUTE)).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}

/** A name that Intl knows; undefined: there is no such zone. */
export function knownZone(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : new Intl.DateTimeFormat('en', { timeZone: name }) && name;
  } catch {
    return undefined;
  }
}

/** `time`: ms since the epoch; `language`: two letters, such as `nl`. */
export function shownTime(time: number, zone: string, language = 'en'): ShownTime {
  const parts = new Intl.DateTimeFormat(language, {
    ...{ timeZone: zone, hourCycle: 'h23' as const, hour: '2-digit' as const, minute: '2-digit' as const },
    ...{ weekday: 'short' as const, day: 'numeric' as const, month: 'short' as const },
  }).formatToParts(time);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    (parts.find((each) => each.type === type)?.value ?? '').replace('.', '');
  // Three letters are English; French needs four to tell juin from juil.
  const month = part('month').slice(0, language === 'en' ? 3 : 4);
  return { date: `${part('weekday')} ${part('day')} ${month}`, time: `${part('hour')}:${part('minute')}` };
}
