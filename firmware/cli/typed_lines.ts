/** Lines that a person types; a signal ends them, so that what is under way can be put to rest in order. */
import { type EventEmitter, on } from 'node:events';
import { createInterface } from 'node:readline';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface TypedLines extends AsyncIterable<string> {
  close(): void;
}

/** To be closed when nobody listens any more. A second signal ends the process as ever. */
export function typedLines(
  input: NodeJS.ReadableStream,
  signals: Pick<EventEmitter, 'once' | 'off'> = process,
): TypedLines {
  const reader = createInterface({ input });
  // An interface that is iterated later loses what came before, its end too.
  const heard = on(reader, 'line', { close: ['close'] });
  const close = (): void => reader.close();
  for (const signal of SIGNALS) signals.once(signal, close);
  reader.once('close', () => {
    for (const signal of SIGNALS) signals.off(signal, close);
  });
  return {
    close,
    async *[Symbol.asyncIterator]() {
      for await (const [line] of heard) yield String(line);
    },
  };
}
