/** The bell's own process: what it cannot do is a reason, and whatever becomes of it, we live. */
import test from 'ava';
import { openSpeaker } from '#hal/linux/bell_speaker.ts';
import { HalError } from '#hal/linux/error.ts';
import { SYSTEM_TIMING } from '#hal/linux/timing.ts';

const nobody = { failed: () => {} };

test('where no sound device is to be had, or no package, the bell says so and we live on', async (t) => {
  try {
    const sounder = await openSpeaker(undefined, SYSTEM_TIMING, nobody);
    // This machine has a device: it opens and closes.
    t.is(sounder.driver, 'speaker');
    await sounder.close();
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    t.regex(error.message, /not installed|ended \(|was not opened/);
  }
});

test('a WAV file that is none is named', async (t) => {
  const error = await t.throwsAsync(openSpeaker(import.meta.filename, SYSTEM_TIMING, nobody), {
    instanceOf: HalError,
  });
  t.regex(error.message, /bell_speaker\.test\.ts: is no WAV file/);
});
