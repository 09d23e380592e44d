/** The door of the room: what the machine is told, and what it wants done. */
import type { Slots } from './slots.ts';

export type Mode = 'auto' | 'notify' | 'off';

export interface Wanted {
  readonly mode: Mode;
  /** Of the channel's manifest; absent: nobody is asked. */
  readonly url?: string;
  readonly channel: string;
}

export interface Bundle {
  /** A file, or an https URL. */
  readonly source: string;
  /** A person wants it even if it is older than what runs, or is what runs. */
  readonly allowOlder: boolean;
  /** As its channel calls it: a bundle of another version is not what was offered. Absent: a person chose it. */
  readonly version?: string;
}

export type UpdateInput =
  | { readonly kind: 'configured'; readonly wanted: Wanted }
  /** At the start, and after each effect that changes them. */
  | { readonly kind: 'slots'; readonly slots: Slots }
  /** Whether nobody uses the telephone. */
  | { readonly kind: 'idle'; readonly idle: boolean }
  /** It is registered, or reaches its LAN as a neighbour. */
  | { readonly kind: 'serves' }
  | { readonly kind: 'marked' }
  | { readonly kind: 'not marked'; readonly reason: string }
  | { readonly kind: 'manifest'; readonly octets: Uint8Array; readonly from: string }
  | { readonly kind: 'no manifest'; readonly reason: string }
  /** A bundle was laid into the folder for it. */
  | { readonly kind: 'laid'; readonly bundle: Bundle }
  /** A person wants to know. */
  | { readonly kind: 'check' }
  /** A person wants it. */
  | { readonly kind: 'install'; readonly bundle: Bundle }
  /** 0 to 100. */
  | { readonly kind: 'progress'; readonly percent: number }
  | { readonly kind: 'installed' }
  /** It was not installed: it is the bundle that what runs came by. */
  | { readonly kind: 'runs already' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not started'; readonly reason: string }
  | { readonly kind: 'tick' };

export type UpdateEffect =
  /** Fetch the manifest: `manifest` or `no manifest` comes of it. */
  | { readonly kind: 'look'; readonly url: string }
  /** `progress`, then `installed`, `runs already` or `refused` come of it. */
  | { readonly kind: 'install'; readonly bundle: Bundle }
  /** Say that the slot that runs is good: `marked` or `not marked` comes of it. */
  | { readonly kind: 'mark' }
  /** Ask for the slots: `slots` comes of it. */
  | { readonly kind: 'ask' }
  /** The file is done with. */
  | { readonly kind: 'remove'; readonly path: string }
  /** Start into the other slot: that, or `not started`, comes of it. */
  | { readonly kind: 'restart' }
  /** `screen`: at most 20 characters. */
  | {
      readonly kind: 'tell';
      readonly level: 'info' | 'warn';
      readonly text: string;
      readonly screen?: string;
    };
