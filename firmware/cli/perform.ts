/** From the words behind a verb to its deed and an exit code. */
import { parseArgs } from 'node:util';
import { forTerminal } from './terminal_text.ts';
import { type Context, type Given, type Terminal, UsageError, type Verb } from './verb.ts';

export const DONE = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;

/** Never rejects. The result is the exit code. */
export async function perform<Needs extends Pick<Context, 'terminal'>>(
  verb: Verb<Needs>,
  args: readonly string[],
  context: Needs,
): Promise<number> {
  try {
    return await act(verb, args, context);
  } catch (error) {
    return explain(error, context.terminal);
  }
}

async function act<Needs extends Pick<Context, 'terminal'>>(
  verb: Verb<Needs>,
  args: readonly string[],
  context: Needs,
): Promise<number> {
  const given = parse(verb, args);
  if (given.is('help')) {
    context.terminal.out(`usage: dualtone ${verb.usage}\n${verb.summary}`);
    return DONE;
  }
  const [least, most] = verb.words ?? [0, 0];
  if (given.words.length < least || given.words.length > most) {
    throw new UsageError(`usage: dualtone ${verb.usage}`);
  }
  await verb.act(given, context);
  return DONE;
}

function parse(verb: Pick<Verb, 'options' | 'usage'>, args: readonly string[]): Given {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...verb.options, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    return {
      words: parsed.positionals,
      text: (option) => {
        const value = values[option];
        return typeof value === 'string' ? value : undefined;
      },
      texts: (option) => {
        const value = values[option];
        return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
      },
      is: (option) => values[option] === true,
    };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(`${reason}; usage: dualtone ${verb.usage}`);
  }
}

/** To a person, in one line. The result is the exit code. */
export function explain(error: unknown, terminal: Terminal): number {
  const message = error instanceof Error ? error.message : String(error);
  terminal.err(`dualtone: ${forTerminal(message.replaceAll('\n', ' '))}`);
  return error instanceof UsageError ? WRONG_USAGE : FAILED;
}
