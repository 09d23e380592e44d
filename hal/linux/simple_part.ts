/** What most parts are to their supervisor. */
import type { PartStatus } from '../types.ts';
import type { Part } from './part.ts';

export interface SimplePart extends Pick<Part, 'name' | 'perform'> {
  readonly driver: string;
  /** Half sentences for `status` and selftest. */
  readonly notes?: readonly string[];
  close(): void | Promise<void>;
}

/** A part that works until it says otherwise. What goes wrong in its closing concerns nobody any more. */
export function simplePart({ name, driver, notes = [], close, perform }: SimplePart): Part {
  let closing: Promise<void> | undefined;
  return {
    name,
    ...(perform === undefined ? {} : { perform }),
    status: (): PartStatus => ({ part: name, state: 'ok', driver, note: notes.join('; ') }),
    close: () => {
      closing ??= settled(close);
      return closing;
    },
  };
}

async function settled(close: () => void | Promise<void>): Promise<void> {
  try {
    await close();
  } catch {}
}
