/** The two directions of sound as parts of the telephone, for status and display: as the engine last told. */
import type { HalEvent, PartStatus } from '#hal/types.ts';
import type { AudioDevices, EngineEvent } from '#media/types.ts';

type DeviceEvent = Extract<EngineEvent, { kind: 'device' }>;
type PartEvent = Extract<HalEvent, { kind: 'part' }>;

export class SoundParts {
  readonly #parts = new Map<DeviceEvent['part'], PartStatus>();

  /** Those that were used. */
  get parts(): readonly PartStatus[] {
    return [...this.#parts.values()];
  }

  /** The same as an event of the hardware. */
  of({ part, state, note }: DeviceEvent, devices: AudioDevices): PartEvent {
    const driver = devices[part];
    const status = { part: `sound ${part}`, state, driver, note: withoutName(note, driver) };
    this.#parts.set(part, status);
    return { kind: 'part', status };
  }
}

/** A driver's name stands before its note already. */
function withoutName(note: string, driver: string): string {
  if (note === driver) return '';
  return note.startsWith(`${driver}: `) ? note.slice(driver.length + 2) : note;
}
