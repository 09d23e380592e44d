/** A message of the trace, made ready for reading. */
import type { TraceEntry } from '#phone/types.ts';
import { type Heading, headingOf, readable } from './text.ts';

export interface Traced {
  /** Counts up within this page. */
  readonly id: number;
  readonly entry: TraceEntry;
  readonly text: string;
  readonly heading: Heading;
}

let traced = 0;

export function tracedOf(entry: TraceEntry): Traced {
  const text = readable(entry.text);
  return { id: ++traced, entry, text, heading: headingOf(text) };
}
