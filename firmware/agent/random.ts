/** Unpredictable tokens for tags, branches and Call-IDs. */
import { randomFillSync } from 'node:crypto';

/** 64 bits: RFC 3261 19.3 asks for 32 at least. */
const OCTETS = 8;
const POOL = Buffer.alloc(OCTETS * 512);
let used = POOL.length;

/** 16 hexadecimal digits, new each time; the kernel is asked once for many. */
export function randomToken(): string {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += OCTETS;
  return POOL.toString('hex', used - OCTETS, used);
}
