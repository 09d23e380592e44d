/** What RAUC and the boot state say of the two slots. */
import { listOf, memberOf } from './bus_reply.ts';
import { isHash } from './inspected.ts';

export type SlotName = 'a' | 'b';

export interface OtherSlot {
  /** Of the bundle that was installed there last; absent: it came with the card. */
  readonly version?: string;
  /** Of its manifest: 64 hexadecimal digits. */
  readonly hash?: string;
  /** It has served, and has starts left: the way back. */
  readonly good: boolean;
}

export interface Slots {
  /** The one that runs. */
  readonly slot: SlotName;
  readonly state: 'good' | 'trial';
  /** Of the manifest of the bundle that runs: 64 hexadecimal digits; absent: it came with the card. */
  readonly hash?: string;
  readonly other: OtherSlot;
  /** Given up last, since the last installation. */
  readonly fell?: SlotName;
}

export const otherOf = (slot: SlotName): SlotName => (slot === 'a' ? 'b' : 'a');

/**
 * From RAUC's GetSlotStatus as `busctl --json=short` prints it, `{"type": "a(sa{sv})", "data": [[[NAME, {KEY:
 * {"type", "data"}}]]]}`, and the boot state's lines (`name=value`). undefined: it is not that.
 */
export function readSlots(reply: unknown, bootState: string): Slots | undefined {
  const all = entriesOf(reply);
  const running = all.find((keys) => keys.state === 'booted');
  const other = all.find((keys) => keys.state !== 'booted');
  const slot = nameOf(running?.bootname);
  if (running === undefined || other === undefined || slot === undefined) return undefined;
  const version = other['bundle.version'];
  const fell = nameOf(/^fell=([ab])$/m.exec(bootState)?.[1]);
  return {
    slot,
    state: running['boot-status'] === 'good' ? 'good' : 'trial',
    ...hashIn(running),
    other: {
      ...(version === undefined ? {} : { version }),
      ...hashIn(other),
      good: other['boot-status'] === 'good',
    },
    ...(fell === undefined ? {} : { fell }),
  };
}

function nameOf(text: string | undefined): SlotName | undefined {
  const name = text?.toLowerCase();
  return name === 'a' || name === 'b' ? name : undefined;
}

/** RAUC 1.15 has it on the disk (fsync of the file and its folder) before it makes the slot the one to be started. */
function hashIn({ 'bundle.hash': hash }: Keys): { readonly hash?: string } {
  return isHash(hash) ? { hash } : {};
}

type Keys = Readonly<Record<string, string>>;

/** Of the slots that are started from: boot file systems belong to one of them. */
function entriesOf(reply: unknown): readonly Keys[] {
  const [slots] = listOf(memberOf(reply, 'data'));
  return listOf(slots)
    .map((entry) => textsOf(listOf(entry)[1]))
    .filter((keys) => keys.bootname !== undefined);
}

function textsOf(dictionary: unknown): Keys {
  if (typeof dictionary !== 'object' || dictionary === null) return {};
  const texts = Object.entries(dictionary).flatMap(([key, variant]): [string, string][] => {
    const data = memberOf(variant, 'data');
    return typeof data === 'string' ? [[key, data.slice(0, 256)]] : [];
  });
  return Object.fromEntries(texts);
}
