/** What RAUC says of a bundle whose signature it has verified, before anything of it is written. */
import { listOf, memberOf } from './bus_reply.ts';

export interface Inspected {
  readonly version: string;
  /** Of the bundle's manifest: what is installed with this hash is what was looked at. 64 hexadecimal digits. */
  readonly hash: string;
}

export const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/**
 * From RAUC's InspectBundle as `busctl --json=short` prints it, `{"type": "a{sv}", "data": [{"update": {"type": "v", "data":
 * {"type": "a{sv}", "data": {"version": {"type": "s", "data"}}}}, "manifest-hash": {"type": "s", "data"}}]}`. undefined: it
 * is not that.
 */
export function readInspected(reply: unknown): Inspected | undefined {
  const [said] = listOf(memberOf(reply, 'data'));
  const update = memberOf(memberOf(memberOf(said, 'update'), 'data'), 'data');
  const version = memberOf(memberOf(update, 'version'), 'data');
  const hash = memberOf(memberOf(said, 'manifest-hash'), 'data');
  return typeof version === 'string' && isHash(hash) ? { version, hash } : undefined;
}
