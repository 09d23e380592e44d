/**
 * Who tells that something about addresses, routes or links has changed. What changed is not asked: whoever is woken
 * looks anew (addresses.ts). Two ways, the better one first: a netlink socket, and, where koffi is missing, the output
 * of `ip monitor`. Where neither can be had, one has to look now and then.
 */

import { loadLibc } from '../libc.ts';
import { byIpMonitor } from './ip_monitor.ts';
import { byNetlink } from './netlink.ts';

export interface WakeUpEvents {
  wake(): void;
  /** It is over: nothing will be told any more. Not called before the source is there, nor after `close`. */
  lost(): void;
}

export interface WakeUp {
  readonly name: string;
  close(): void;
}

/** Resolves to nothing where this way does not exist. Never rejects. */
export type WakeUpSource = (events: WakeUpEvents) => Promise<WakeUp | undefined>;

export const WAKE_UPS: readonly WakeUpSource[] = [byNetlink(loadLibc), byIpMonitor()];
