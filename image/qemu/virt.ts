/**
 * QEMU's own machine with the same card: no U-Boot, and a network. Kernel, initrd and the kernel's words come from the slot's
 * boot partition, as boot/boot.cmd takes them; a system that starts anew ends the machine, and who has started it
 * says which slot is next.
 */
import { BOOT, type Card } from './card.ts';
import { Machine } from './machine.ts';

export interface Virtual {
  readonly slot: Slot;
  /** Further words for the kernel. */
  readonly extra?: string;
  readonly network?: VirtualNetwork;
  readonly megabytes?: number;
}

export type Slot = 'a' | 'b';

/** The machine's `eth0`. */
export interface VirtualNetwork {
  /** Network namespace that has the tap; QEMU runs there. */
  readonly namespace: string;
  readonly tap: string;
  readonly mac: string;
}

const ROOT = { a: 7, b: 8 } as const;
/** Of a Zero 2 W, the smallest of the boards. */
const MEGABYTES = 512;

/** The words that U-Boot would give; the serial line of this machine has another name. */
export function wordsOf(card: Card, { slot, extra = '' }: Virtual): string {
  const text = card.read(BOOT[slot], 'slot.txt')?.toString() ?? '';
  const words = /^words=(.*)$/m.exec(text)?.[1] ?? '';
  const which = `root=PARTUUID=d0a17e01-0${ROOT[slot]} ro dualtone.slot=${slot} rauc.slot=${slot.toUpperCase()}`;
  return `${which} ${words} console=ttyAMA0 ${extra}`.trim();
}

export function virtual(
  card: Card,
  options: Virtual,
  say?: (line: string, seconds: number) => void,
): Machine {
  const { slot, network, megabytes = MEGABYTES } = options;
  const board = ['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', String(megabytes), '-no-reboot'];
  const kernel = [
    '-kernel',
    card.extract(BOOT[slot], 'Image.gz'),
    '-initrd',
    card.extract(BOOT[slot], 'initrd'),
  ];
  const disk = [
    ...['-drive', `file=${card.path},if=none,id=card,format=raw`, '-device', 'virtio-blk-device,drive=card'],
    ...['-device', 'virtio-rng-device'],
  ];
  const args = [...board, ...kernel, '-append', wordsOf(card, options), ...disk, '-serial', 'stdio'];
  if (network === undefined) return new Machine([...args, '-nic', 'none'], say);
  const { namespace, tap, mac } = network;
  const lan = ['-netdev', `tap,id=lan,ifname=${tap},script=no,downscript=no`];
  const net = [...lan, '-device', `virtio-net-device,netdev=lan,mac=${mac}`];
  return new Machine([...args, ...net], say, ['ip', 'netns', 'exec', namespace]);
}
