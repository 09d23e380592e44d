/** The configuration in force, and what of it will not be done here. */
import { loadConfig, placesIn } from '#cli/config_file.ts';
import type { BootOptions } from '#cli/verb.ts';
import { COUNTRIES } from '#media/tones_by_country.ts';
import { masked } from '#provisioning/mask.ts';
import { notBuilt } from '#provisioning/not_built.ts';
import { withPasswords } from '#provisioning/passwords.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Log } from './log.ts';

/** The effective configuration, the same for other eyes, and where its values come from. */
export async function configuration(options: BootOptions, log: Log) {
  const file = await loadConfig(options.config);
  const { config, warnings } = file;
  const complete = await withPasswords(config);
  for (const text of [...warnings, ...shortcomings(config), ...complete.warnings]) log('warn', text);
  return { config: complete.config, shownConfig: masked(config), configPlaces: placesIn(file) };
}

/** What a valid configuration will not do here. */
export async function remarks(config: Config): Promise<readonly string[]> {
  return [...shortcomings(config), ...(await withPasswords(config)).warnings];
}

function shortcomings(config: Config): readonly string[] {
  if (COUNTRIES.includes(config.country)) return notBuilt(config);
  return [
    ...notBuilt(config),
    `/country: the tones of ${config.country} are not known: those of ITU-T E.180`,
  ];
}
