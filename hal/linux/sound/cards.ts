/**
 * Which sound cards there are, as the kernel lists them. A card is named by its id, never by its number: numbers change
 * from boot to boot and from plug to plug.
 *
 *   /proc/asound/cards    " 1 [Headset        ]: USB-Audio - USB Headset"
 *   /proc/asound/pcm      "01-00: USB Audio : USB Audio : playback 1 : capture 1"
 */
import { readFileSync } from 'node:fs';

export interface SoundCardEntry {
  /** `Headset`: stays while the card does, also in another socket. */
  readonly id: string;
  readonly description: string;
  readonly playback: boolean;
  readonly capture: boolean;
}

const CARD = /^\s*(\d+) \[(\S+)\s*\]: (.*)$/;
const PCM = /^(\d+)-\d+:/;

/** Cards in the kernel's order; none where there is no sound at all. */
export function readCards(folder = '/proc/asound'): readonly SoundCardEntry[] {
  try {
    return cardsOf(readFileSync(`${folder}/cards`, 'utf8'), readFileSync(`${folder}/pcm`, 'utf8'));
  } catch {
    return [];
  }
}

/** The same from the two files' content; lines that are none of theirs are left out. */
export function cardsOf(cards: string, pcms: string): readonly SoundCardEntry[] {
  const devices = pcms.split('\n').map((line) => ({ card: Number(PCM.exec(line)?.[1] ?? Number.NaN), line }));
  return cards.split('\n').flatMap((line) => {
    const [, number, id, description] = CARD.exec(line) ?? [];
    if (number === undefined || id === undefined) return [];
    const own = devices.filter(({ card }) => card === Number(number));
    const has = (word: string) => own.some((device) => device.line.includes(`: ${word} `));
    return [{ id, description: description ?? '', playback: has('playback'), capture: has('capture') }];
  });
}

/** ALSA's name of a card, with conversions that the card itself cannot do. */
export function pcmNameOf({ id }: Pick<SoundCardEntry, 'id'>): string {
  return `plughw:CARD=${id}`;
}

/** The card for speech: the first that both hears and speaks, else the first for each; absent: there is none. */
export function speechCards(cards: readonly SoundCardEntry[]): {
  readonly input: string | undefined;
  readonly output: string | undefined;
} {
  const duplex = cards.find(({ playback, capture }) => playback && capture);
  const input = duplex ?? cards.find(({ capture }) => capture);
  const output = duplex ?? cards.find(({ playback }) => playback);
  return { input: input && pcmNameOf(input), output: output && pcmNameOf(output) };
}
