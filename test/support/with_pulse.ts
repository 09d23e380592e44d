/** Tests that need PulseAudio and ALSA's way to it: they run where both are installed, else say what to install. */
import test, { type ExecutionContext } from 'ava';
import { missingForPulse } from './pulse.ts';

/** A serial test that runs where PulseAudio and ALSA's way to it are installed. */
export function withPulse(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  const missing = missingForPulse();
  if (missing.length === 0) test.serial(title, body);
  else test.skip(`${title} (needs PulseAudio: apt-get install ${missing.join(' ')})`, body);
}
