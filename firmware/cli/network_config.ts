import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CommandError, type Verb } from './verb.ts';
import { whyOf } from './why.ts';

/** Octets; and expansions of YAML aliases. */
const LARGEST = 1 << 16;
const MOST_ALIASES = 32;

export const verb: Verb = {
  usage: 'network-config FILE [DIRECTORY]',
  summary:
    'reads the network-config of a card (netplan, version 2); into DIRECTORY it writes what networkd and wpa_supplicant read',
  words: [1, 2],
  async act({ words: [file = '', directory] }, { terminal }) {
    const { readNetworkConfig } = await import('#provisioning/network_config.ts');
    const result = readNetworkConfig(await parsed(file));
    if ('error' in result) throw new CommandError(`${basename(file)}: ${result.error}`);
    for (const warning of result.warnings) terminal.err(`${basename(file)}: ${warning}`);
    if (directory === undefined) {
      for (const { name } of result.files) terminal.out(name);
      return;
    }
    await mkdir(directory, { recursive: true });
    // Passwords are in it.
    for (const { name, text } of result.files) await writeFile(join(directory, name), text, { mode: 0o600 });
  },
};

/** CommandError names the line of what is no YAML; its text, which may be a password, is not repeated. */
async function parsed(file: string): Promise<unknown> {
  const { parseDocument } = await import('#provisioning/yaml.ts');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${whyOf(error)}`);
  }
  if (text.length > LARGEST)
    throw new CommandError(`${basename(file)}: it is larger than ${LARGEST} characters`);
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line = 1, col = 1 } = fault.linePos?.[0] ?? {};
    throw new CommandError(`${basename(file)}: not readable as YAML at line ${line}, column ${col}`);
  }
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw new CommandError(`${basename(file)}: not readable as YAML`);
  }
}
