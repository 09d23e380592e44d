/** The configuration in force, made of its layers, and what of it will not be done here. */
import { loadBoard } from '#hal/boards/load.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import { COUNTRIES } from '#media/tones_by_country.ts';
import { spoken } from '#phone/texts.ts';
import { type Place, placesOf } from '#provisioning/explain.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { masked } from '#provisioning/mask.ts';
import { notBuilt } from '#provisioning/not_built.ts';
import { withPasswords } from '#provisioning/passwords.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Layer } from '#provisioning/types.ts';

export interface Settings {
  /** With passwords in place of the names of their files. */
  readonly config: Config;
  /** The same for other eyes. */
  readonly shown: unknown;
  /** Where every value comes from. */
  readonly places: readonly Place[];
  /** For people, each with the path of its key. */
  readonly warnings: readonly string[];
}

/** Never rejects: a layer that cannot be used is left out, with a warning. */
export async function settingsOf(layers: readonly Layer[]): Promise<Settings> {
  const merged = mergeLayers(layers);
  const { config, warnings } = await withPasswords(merged.config);
  return {
    config,
    shown: masked(merged.config),
    places: placesOf(merged),
    warnings: [
      ...merged.warnings,
      ...merged.refused.map(({ from, error }) => `${from} is refused: ${error}`),
      ...shortcomings(merged.config),
      ...warnings,
    ],
  };
}

/** The board that `--board` names, else the configuration, else none: then all is simulated. */
export async function boardOf(
  given: string | undefined,
  { board }: Pick<Config, 'board'>,
  warn: (text: string) => void,
): Promise<BoardProfile> {
  if (given !== undefined) return loadBoard(given);
  try {
    if (board !== undefined) return await loadBoard(board);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`/board: ${reason}; the telephone goes on with a simulated one`);
  }
  return loadBoard('sim');
}

/** What a valid configuration will not do here. */
export async function remarks(config: Config): Promise<readonly string[]> {
  return [...shortcomings(config), ...(await withPasswords(config)).warnings];
}

function shortcomings(config: Config): readonly string[] {
  const { country, language } = config;
  return [
    ...notBuilt(config),
    ...(COUNTRIES.includes(country)
      ? []
      : [`/country: the tones of ${country} are not known: those of ITU-T E.180`]),
    ...(language === undefined || spoken(language) !== undefined
      ? []
      : [`/language: the display does not speak ${language}: English`]),
  ];
}
