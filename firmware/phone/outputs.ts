/**
 * The telephone's outputs: what they shall be follows from its state, and only what changed is sent. So no
 * transition can forget to stop a tone or the bell.
 */
import type { CallerId, HalCommand, LampPattern, SoundRoute } from '#hal/types.ts';
import type { EngineCommand, Tone } from '#media/types.ts';
import { LINE_AT_REST, type LineWanted, lineCommands } from './subscriber_line.ts';
import type { PhoneEffect } from './types.ts';

export interface Wanted {
  /** The handset is lifted or the telephone hands-free: clock and sound devices run. */
  readonly inUse: boolean;
  readonly muted: boolean;
  /** Where the voice goes; undefined: nobody talks. */
  readonly route: SoundRoute | undefined;
  /** Id of the session that the handset is joined to. */
  readonly session: string | undefined;
  readonly echo: boolean;
  readonly tone: Tone | undefined;
  readonly bell: readonly number[] | undefined;
  /** Who rings. */
  readonly caller: CallerId | undefined;
  readonly line: LineWanted;
  /** Those that are missing are off. */
  readonly lamps: Readonly<Record<string, LampPattern>>;
  readonly lines: readonly string[];
}

const AT_REST: Wanted = {
  inUse: false,
  muted: false,
  route: undefined,
  session: undefined,
  echo: false,
  tone: undefined,
  bell: undefined,
  caller: undefined,
  line: LINE_AT_REST,
  lamps: {},
  lines: [],
};

export class Outputs {
  #now: Wanted = AT_REST;

  /** A tone that ends by itself; the next change of the wanted tone replaces it. */
  playOnce(tone: Tone): PhoneEffect {
    this.#now = { ...this.#now, tone };
    return media({ kind: 'tone', tone });
  }

  /** The commands that turn what is into what is wanted. The bell stops before any sound is joined. */
  become(wanted: Wanted): PhoneEffect[] {
    const was = this.#now;
    this.#now = wanted;
    const effects: PhoneEffect[] = [];
    if (wanted.bell !== was.bell) {
      effects.push(hal({ kind: 'bell', ...rung(wanted) }));
    }
    effects.push(...lineCommands(was.line, wanted.line).map(hal));
    if (wanted.route !== was.route) effects.push(...routed(wanted.route));
    if (wanted.inUse && !was.inUse) effects.push(media({ kind: 'handset', inUse: true }));
    if (wanted.muted !== was.muted) effects.push(media({ kind: 'mute', on: wanted.muted }));
    if (wanted.session !== was.session || wanted.echo !== was.echo) effects.push(connected(wanted));
    if (wanted.tone !== was.tone) {
      effects.push(media({ kind: 'tone', ...(wanted.tone && { tone: wanted.tone }) }));
    }
    if (!wanted.inUse && was.inUse) effects.push(media({ kind: 'handset', inUse: false }));
    for (const name of Object.keys({ ...was.lamps, ...wanted.lamps })) {
      const pattern = wanted.lamps[name] ?? 'off';
      if (was.lamps[name] !== pattern) effects.push(hal({ kind: 'lamp', name, pattern }));
    }
    if (wanted.lines.join('\n') !== was.lines.join('\n')) {
      effects.push(hal({ kind: 'display', lines: wanted.lines }));
    }
    return effects;
  }

  get now(): Wanted {
    return this.#now;
  }
}

function rung({ bell, caller }: Wanted): Omit<HalCommand & { kind: 'bell' }, 'kind'> {
  return bell === undefined ? {} : { cadence: bell, ...(caller && { caller }) };
}

/** The card's mixer is the engine's, an amplifier is the board's. */
function routed(to: SoundRoute | undefined): PhoneEffect[] {
  if (to === undefined) return [hal({ kind: 'route' })];
  return [hal({ kind: 'route', to }), media({ kind: 'route', to })];
}

function connected({ session, echo }: Wanted): PhoneEffect {
  return media({ kind: 'connect', to: session !== undefined ? { session } : echo ? 'echo' : 'nothing' });
}

function media(command: EngineCommand): PhoneEffect {
  return { kind: 'media', command };
}

function hal(command: HalCommand): PhoneEffect {
  return { kind: 'hal', command };
}
