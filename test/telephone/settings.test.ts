/** What a valid configuration will not do here. */
import test from 'ava';
import { defaultConfig } from '#provisioning/schema.ts';
import { remarks } from '../../firmware/telephone/settings.ts';

test('a language that the display does not speak is said to be English', async (t) => {
  const saidOf = (language: string) => remarks({ ...defaultConfig(), language });
  t.deepEqual(await saidOf('fy-NL'), ['/language: the display does not speak fy-NL: English']);
  for (const language of ['en', 'nl-BE', 'de-CH', 'fr']) t.deepEqual(await saidOf(language), []);
});
