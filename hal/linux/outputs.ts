/** Lines of a board that are only driven, and those of them that could do harm. */
import type { GpioLines, Level } from './gpio/types.ts';
import type { Drivers, PartEvents } from './part.ts';

/** ms that a burst may outlast its time before another thread ends it. */
export const LATE = 50;

/** Of the profile, `output` of its schema. */
export interface OutputProfile {
  readonly line: number;
  /** Its voltage while the output is on. */
  readonly active?: 'high' | 'low';
}

/** Takes them, at rest; `events` hears when their chip has left. Rejects with a HalError. */
export async function takeOutputs(
  outputs: readonly OutputProfile[],
  drivers: Pick<Drivers, 'lines'>,
  events: Pick<PartEvents, 'failed'>,
  consumer: string,
): Promise<GpioLines> {
  const lines = await drivers.lines(
    outputs.map(({ line, active }) => ({
      offset: line,
      direction: 'out',
      activeLow: active === 'low',
      value: 0,
    })),
    consumer,
  );
  lines.onLost(events.failed);
  return lines;
}

/** An output that could do harm. All of it throws HalErrors. */
export interface WatchedOutput {
  readonly notes: readonly string[];
  /** For at most so many ms, Infinity: as long as this thread lives; then somebody else puts it to rest. */
  on(limit: number): void;
  off(): void;
  /** Puts it to rest, and gives it back. */
  close(): Promise<void>;
}

/** The same of one line, which is watched over. */
export async function takeWatchedOutput(
  output: OutputProfile,
  drivers: Pick<Drivers, 'lines' | 'guard'>,
  events: Pick<PartEvents, 'failed'>,
  consumer: string,
): Promise<WatchedOutput> {
  const lines = await takeOutputs([output], drivers, events, consumer);
  const guard = await drivers.guard(lines, [output.line], events.failed).catch((error) => {
    lines.close();
    throw error;
  });
  const set = (level: Level) => lines.write(new Map([[output.line, level]]));
  return {
    notes: lines.notes,
    on: (limit) => {
      guard.on(limit);
      set(1);
    },
    off: () => {
      set(0);
      guard.off();
    },
    close: async () => {
      try {
        set(0);
      } finally {
        await guard.close();
        lines.close();
      }
    },
  };
}
