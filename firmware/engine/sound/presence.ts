/** What there is for sound on this machine: for choosing `default`, and for telling people. */
import { loadAlsa } from '#hal/linux/sound/alsa.ts';
import { readCards, type SoundCardEntry, speechCards } from '#hal/linux/sound/cards.ts';

export interface SoundPresence {
  readonly cards: readonly SoundCardEntry[];
  /** ALSA names for `audio.input` and `audio.output`; absent: no card does it. */
  readonly input: string | undefined;
  readonly output: string | undefined;
}

/** Quick, and without loading anything. */
export function soundPresence(): SoundPresence {
  const cards = readCards();
  return { cards, ...speechCards(cards) };
}

/** One line that says why cards could not be used even if there were any; undefined: they could. */
export async function soundObstacle(): Promise<string | undefined> {
  try {
    await loadAlsa();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
