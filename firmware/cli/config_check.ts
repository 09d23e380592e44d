import { loadConfig } from './config_file.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'config check FILE',
  summary: 'reads a configuration as "run" would; says what is wrong, unknown or not built yet',
  words: [1, 1],
  async act(given, { terminal, remarks }) {
    const { config, warnings } = await loadConfig(given.words[0]);
    for (const line of [...warnings, ...(await remarks(config))]) terminal.out(line);
    terminal.out(`${given.words[0]} is valid`);
  },
};
