/** A card's mixer through libasound's simple controls. */
import type { Alsa, AlsaMixer, Handle, Out } from './alsa.ts';
import type { ControlSetting, Mixer } from './routes.ts';

/** Octets of an enumerated item's name. */
const ITEM_NAME = 64;

/** Opens the mixer of a card: `hw:CARD=id`, or another control device of ALSA. @throws Error with the reason */
export function openMixer(
  alsa: Alsa,
  card: string,
): Mixer & { readonly controls: readonly string[]; close(): void } {
  const { mixer } = alsa;
  const out: Out<Handle> = [null];
  check(alsa, card, mixer.open(out, 0));
  const [handle] = out;
  if (!handle) throw new Error(`${card}: no mixer`);
  try {
    check(alsa, card, mixer.attach(handle, card));
    check(alsa, card, mixer.register(handle, null, null));
    check(alsa, card, mixer.load(handle));
  } catch (error) {
    mixer.close(handle);
    throw error;
  }
  const elements = new Map<string, Handle>();
  for (let each = mixer.first(handle); each; each = mixer.next(each)) {
    const name = mixer.name(each);
    if (!elements.has(name)) elements.set(name, each);
  }
  return {
    controls: [...elements.keys()],
    set: (setting) => {
      const element = elements.get(setting.control);
      return element !== undefined && apply(mixer, element, setting);
    },
    close: () => void mixer.close(handle),
  };
}

function check(alsa: Alsa, card: string, result: number): void {
  if (result < 0) throw new Error(`${card}: mixer: ${alsa.strerror(result)}`);
}

/** Playback and capture alike, whatever the control has; false where it has nothing of it. */
function apply(mixer: AlsaMixer, element: Handle, { on, level, item }: ControlSetting): boolean {
  let done = false;
  if (on !== undefined) done = setSwitches(mixer, element, on) || done;
  if (level !== undefined) done = setLevels(mixer, element, level) || done;
  if (item !== undefined) done = setItem(mixer, element, item) || done;
  return done;
}

function setSwitches(mixer: AlsaMixer, element: Handle, on: boolean): boolean {
  const playback = mixer.hasPlaybackSwitch(element) === 1;
  const capture = mixer.hasCaptureSwitch(element) === 1;
  if (playback) mixer.setPlaybackSwitch(element, on ? 1 : 0);
  if (capture) mixer.setCaptureSwitch(element, on ? 1 : 0);
  return playback || capture;
}

function setLevels(mixer: AlsaMixer, element: Handle, level: number): boolean {
  const least = [0];
  const most = [0];
  const value = () => {
    const [from = 0, to = 0] = [Number(least[0]), Number(most[0])];
    return Math.round(from + (to - from) * Math.min(1, Math.max(0, level)));
  };
  const playback = mixer.hasPlaybackVolume(element) === 1;
  if (playback) {
    mixer.playbackRange(element, least, most);
    mixer.setPlaybackVolume(element, value());
  }
  const capture = mixer.hasCaptureVolume(element) === 1;
  if (capture) {
    mixer.captureRange(element, least, most);
    mixer.setCaptureVolume(element, value());
  }
  return playback || capture;
}

function setItem(mixer: AlsaMixer, element: Handle, item: string): boolean {
  if (mixer.isEnumerated(element) !== 1) return false;
  const name = new Uint8Array(ITEM_NAME);
  for (let at = 0; at < mixer.enumItems(element); at++) {
    if (mixer.enumItemName(element, at, name.length, name) < 0) continue;
    if (textOf(name) === item) return mixer.setEnumItem(element, 0, at) >= 0;
  }
  return false;
}

function textOf(octets: Uint8Array): string {
  const end = octets.indexOf(0);
  return new TextDecoder().decode(octets.subarray(0, end < 0 ? octets.length : end));
}
