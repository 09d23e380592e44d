import { masked } from '#provisioning/mask.ts';
import { loadConfig } from './config_file.ts';
import { clientOf } from './control_client.ts';
import { type Given, type Terminal, UsageError, type Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'config show [--config FILE] [--json] [--explain KEY]',
  summary: 'the effective configuration of FILE, or of the running phone, secrets masked',
  options: { config: { type: 'string' }, json: { type: 'boolean' }, explain: { type: 'string' } },
  async act(given, { terminal }) {
    const file = given.text('config');
    const key = given.text('explain');
    if (key !== undefined) return explain(key, file, given, terminal);
    const config = await effective(file, given);
    terminal.out(given.is('json') ? JSON.stringify(config) : await asYaml(config));
  },
};

async function effective(file: string | undefined, given: Given): Promise<unknown> {
  if (file === undefined) return clientOf(given).get<unknown>('/config');
  return masked((await loadConfig(file)).config);
}

/** One value, and where it comes from as far as that is known: a running phone tells only what is in force. */
async function explain(
  key: string,
  file: string | undefined,
  given: Given,
  terminal: Terminal,
): Promise<void> {
  const value = valueAt(await effective(file, given), key);
  if (value === undefined) throw new UsageError(`there is no key ${key} in the configuration`);
  const written = file !== undefined && valueAt((await loadConfig(file)).given, key) !== undefined;
  const origin = file === undefined ? 'in force' : written ? file : 'default';
  terminal.out(
    given.is('json') ? JSON.stringify({ key, value, origin }) : `${await asYaml(value)} (${origin})`,
  );
}

/** `net.sipPort`, `accounts.0.user`, or the same as a JSON pointer. Undefined: there is none. */
function valueAt(config: unknown, key: string): unknown {
  const path = key.split(/[./]/).filter((part) => part !== '');
  return path.reduce<unknown>((value, part) => {
    const there = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    return there ? (value as Record<string, unknown>)[part] : undefined;
  }, config);
}

async function asYaml(value: unknown): Promise<string> {
  const { stringify } = await import('#provisioning/yaml.ts');
  return stringify(value).trimEnd();
}
