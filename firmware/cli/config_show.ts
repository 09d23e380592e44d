import { type Explanation, explain, type Place, type Said } from '#provisioning/explain.ts';
import { masked } from '#provisioning/mask.ts';
import { loadConfig, placesIn } from './config_file.ts';
import { clientOf } from './control_client.ts';
import { type Given, UsageError, type Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'config show [--config FILE] [--json] [--explain KEY]',
  summary:
    'the effective configuration of FILE, or of the running phone, secrets masked; or where KEY comes from',
  options: { config: { type: 'string' }, json: { type: 'boolean' }, explain: { type: 'string' } },
  async act(given, { terminal }) {
    const file = given.text('config');
    const key = given.text('explain');
    if (key === undefined) {
      const config = await effective(file, given);
      terminal.out(given.is('json') ? JSON.stringify(config) : await asYaml(config));
      return;
    }
    const explanations = explain(await places(file, given), key);
    if (explanations.length === 0) throw new UsageError(`there is no key ${key} in the configuration`);
    if (given.is('json')) terminal.out(JSON.stringify(explanations));
    else for (const line of explanations.flatMap(linesOf)) terminal.out(line);
  },
};

async function effective(file: string | undefined, given: Given): Promise<unknown> {
  if (file === undefined) return clientOf(given).get<unknown>('/config');
  return masked((await loadConfig(file)).config);
}

async function places(file: string | undefined, given: Given): Promise<readonly Place[]> {
  if (file === undefined) return clientOf(given).get<readonly Place[]>('/config/places');
  return placesIn(await loadConfig(file));
}

/** The value, where it comes from, and what it stands instead of. */
function linesOf({ at, value, by, lower }: Explanation): readonly string[] {
  if (by === undefined) return [`${at} is not set`];
  return [
    `${at}: ${JSON.stringify(value)}`,
    `  from ${placeOf(by)}`,
    ...lower.map(
      (said) =>
        `  instead of ${said.value === null ? 'nothing' : JSON.stringify(said.value)} from ${placeOf(said)}`,
    ),
  ];
}

function placeOf({ origin, from }: Said): string {
  return `${from} (${origin})`;
}

async function asYaml(value: unknown): Promise<string> {
  const { stringify } = await import('#provisioning/yaml.ts');
  return stringify(value).trimEnd();
}
