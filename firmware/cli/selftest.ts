import { typedLines } from './typed_lines.ts';
import { CommandError, type Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'selftest [--board NAME|FILE] [--config FILE] [--learn-dial]',
  summary: 'tries every part of a board; asks for your hands where stdin is a terminal, else ends by itself',
  options: {
    board: { type: 'string' },
    config: { type: 'string' },
    'learn-dial': { type: 'boolean' },
  },
  async act(given, { terminal, hardware }) {
    const config = given.text('config');
    // Ctrl-C while a bell rings must not leave it ringing.
    const typed = process.stdin.isTTY ? typedLines(process.stdin) : undefined;
    try {
      const failures = await hardware.selftest(
        {
          board: given.text('board') ?? 'sim',
          ...(config !== undefined && { config }),
          ...(typed !== undefined && { lines: typed }),
          learnDial: given.is('learn-dial'),
        },
        terminal,
      );
      const parts = new Set(failures.map((failure) => failure.split(':')[0]));
      if (parts.size > 0) throw new CommandError(`failed: ${[...parts].join(', ')}; why is said above`);
      terminal.out('all is well');
    } finally {
      typed?.close();
    }
  },
};
