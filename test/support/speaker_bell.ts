/** Rings by the package speaker; a number on standard input makes its main thread stand still for so many ms. */
import { openSpeaker } from '#hal/linux/bell_speaker.ts';
import { SYSTEM_TIMING } from '#hal/linux/timing.ts';
import { standStill } from './stand_still.ts';

const failed = (error: Error): never => {
  throw error;
};

if (process.argv[1] === import.meta.filename) {
  const bell = await openSpeaker(undefined, SYSTEM_TIMING, { failed });
  bell.cadence?.(JSON.parse(process.argv[2] ?? '[]'));
  process.stdin.on('data', (ms) => standStill(Number(ms)));
  process.stdin.on('end', async () => {
    await bell.close();
    process.exit(0);
  });
}
