/** The system's clock, for boards that lose it with the power. */
import { loadLibc } from '#net/libc.ts';

/** clock_settime(2). */
const CLOCK_REALTIME = 0;

/** Sets it to ms since the epoch; false: there is no way here, or we may not (it takes CAP_SYS_TIME). */
export type SetClock = (time: number) => boolean;

export async function systemClock(): Promise<SetClock> {
  const libc = await loadLibc();
  return (time) => {
    const timespec = Buffer.alloc(16);
    timespec.writeBigInt64LE(BigInt(Math.floor(time / 1000)), 0);
    timespec.writeBigInt64LE(BigInt(Math.round((time % 1000) * 1e6)), 8);
    return libc?.clock_settime(CLOCK_REALTIME, timespec) === 0;
  };
}
