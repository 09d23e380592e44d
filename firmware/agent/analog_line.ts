/**
 * An analog telephone on the board's line: its keys are heard by the media engine and go to the telephone as keys; when
 * its line says that it listens, the engine plays who calls.
 */
import type { HalEvent, Key } from '#hal/types.ts';
import type { CallTime, DtmfKey, EngineCommand, EngineEvent } from '#media/types.ts';

export interface AnalogLineParts {
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly command: (command: EngineCommand) => void;
  readonly key: (event: HalEvent) => void;
}

/** As boards call the part. */
const PART = 'line-interface';

export class AnalogLine {
  readonly #parts: AnalogLineParts;
  #listening = false;

  constructor(parts: AnalogLineParts) {
    this.#parts = parts;
  }

  /** Sees every event of the hardware on its way to the telephone. */
  hardware(event: HalEvent, now: Date): void {
    if (event.kind === 'part' && event.status.part.startsWith(PART))
      this.#listen(event.status.state === 'ok');
    if (event.kind !== 'caller-id') return;
    const { scheme, caller, hook } = event;
    const { country, command } = this.#parts;
    command({ kind: 'caller-id', scheme, country, caller, time: localTime(now), hook });
  }

  /** What is left of an event for the telephone. */
  engine(event: EngineEvent): Exclude<EngineEvent, { kind: 'line-key' }> | undefined {
    if (event.kind !== 'line-key') return event;
    if (isKey(event.key)) this.#parts.key({ kind: 'key', key: event.key, down: event.down });
    return undefined;
  }

  #listen(on: boolean): void {
    if (on === this.#listening) return;
    this.#listening = on;
    this.#parts.command({ kind: 'line-keys', on });
  }
}

/** A to D are no keys of a telephone number. */
function isKey(key: DtmfKey): key is Key {
  return key < 'A';
}

function localTime(now: Date): CallTime {
  return {
    month: now.getMonth() + 1,
    day: now.getDate(),
    hour: now.getHours(),
    minute: now.getMinutes(),
  };
}
