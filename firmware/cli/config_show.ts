import { masked } from '#provisioning/mask.ts';
import { loadConfig } from './config_file.ts';
import { clientOf } from './control_client.ts';
import { type Given, UsageError, type Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'config show [--config FILE] [--json] [--explain KEY]',
  summary: 'the effective configuration of FILE, or of the running phone, secrets masked',
  options: { config: { type: 'string' }, json: { type: 'boolean' }, explain: { type: 'string' } },
  async act(given, { terminal }) {
    const config = await effective(given);
    const key = given.text('explain');
    const shown = key === undefined ? config : valueAt(config, key);
    terminal.out(given.is('json') ? JSON.stringify(shown) : await asYaml(shown));
  },
};

async function effective(given: Given): Promise<unknown> {
  const file = given.text('config');
  if (file === undefined) return clientOf(given).get<unknown>('/config');
  return masked((await loadConfig(file)).config);
}

/** `net.sipPort`, `accounts.0.user`, or the same as a JSON pointer. */
function valueAt(config: unknown, key: string): unknown {
  const path = key.split(/[./]/).filter((part) => part !== '');
  let value = config;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      throw new UsageError(`there is no key ${key} in the configuration`);
    }
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

async function asYaml(value: unknown): Promise<string> {
  const { stringify } = await import('#provisioning/yaml.ts');
  return stringify(value).trimEnd();
}
