/** What the stories of 6bed4 find out, and how it is told. */

/** One thing that was measured, and what it ought to be. */
export interface Finding {
  readonly what: string;
  readonly seen: string;
  readonly goal: string;
  readonly kept: boolean;
}

/** A story and what came of it. */
export interface Tale {
  readonly story: string;
  readonly findings: readonly Finding[];
}

export interface Pace {
  /** Whatever waits for minutes is left out, for tests that share a machine. */
  readonly isShort: boolean;
}

export function isWell({ findings }: Tale): boolean {
  return findings.every(({ kept }) => kept);
}

/** A time that shall be short. */
export function withinMs(what: string, ms: number | undefined, goal: number): Finding {
  return {
    what,
    seen: ms === undefined ? 'never' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`,
    goal: `${Math.round(goal)} ms`,
    kept: ms !== undefined && ms <= goal,
  };
}

/** A count that shall be between these, or just so. */
export function counted(what: string, count: number, least: number, most = least): Finding {
  const goal = least === most ? String(least) : `${least}–${Math.floor(most)}`;
  return { what, seen: String(count), goal, kept: count >= least && count <= most };
}

/** Something that shall be as it is said. */
export function isSo(what: string, seen: string, goal: string, kept = seen === goal): Finding {
  return { what, seen, goal, kept };
}

/** Several stories at a time; the tales in their order. One that breaks off has that as its finding. */
export async function tellAll(
  stories: readonly string[],
  happens: (story: string) => Promise<readonly Finding[]>,
  parallel: number,
): Promise<readonly Tale[]> {
  const queue = [...stories];
  const tales = new Map<string, Tale>();
  const worker = async (): Promise<void> => {
    for (let story = queue.shift(); story !== undefined; story = queue.shift()) {
      const findings = await happens(story).catch((error) => [
        isSo('the story', String(error).slice(0, 160).replaceAll(/\s+/g, ' '), 'told to its end', false),
      ]);
      tales.set(story, { story, findings });
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return stories.flatMap((story) => tales.get(story) ?? []);
}
