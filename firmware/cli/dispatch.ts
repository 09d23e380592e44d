/** From the words of the command line to one verb and an exit code. */
import { DONE, explain, perform } from './perform.ts';
import { type Context, UsageError, type Verb } from './verb.ts';

const ALWAYS = [
  'Every verb takes --help, and --data DIR: the directory of the phone that is meant',
  '(default: $XDG_STATE_HOME/dualtone, else ~/.local/state/dualtone).',
  'Exit codes: 0 done, 1 failed, 2 wrong usage.',
];

type Load = () => Promise<{ readonly verb: Verb }>;

/** Loaded when asked for: `run` shall not pay for the others. */
const VERBS: Readonly<Record<string, Load>> = {
  run: () => import('./run.ts'),
  status: () => import('./status.ts'),
  calls: () => import('./calls.ts'),
  trace: () => import('./trace.ts'),
  update: () => import('./update.ts'),
  metrics: () => import('./metrics.ts'),
  dial: () => import('./dial.ts'),
  answer: () => import('./answer.ts'),
  hangup: () => import('./hangup.ts'),
  hook: () => import('./hook.ts'),
  press: () => import('./press.ts'),
  screen: () => import('./screen.ts'),
  leds: () => import('./leds.ts'),
  selftest: () => import('./selftest.ts'),
  rest: () => import('./rest.ts'),
  router6bed4: () => import('./router6bed4.ts'),
  'config check': () => import('./config_check.ts'),
  'config show': () => import('./config_show.ts'),
  'network-config': () => import('./network_config.ts'),
};

/** Never rejects. The result is the exit code. */
export async function dispatch(argv: readonly string[], context: Context): Promise<number> {
  const { terminal } = context;
  try {
    const { name, rest } = split(argv);
    if (name === '') return await overview(rest, context);
    const load = VERBS[name];
    if (!load) throw unknown(name);
    const { verb } = await load();
    return await perform(verb, rest, context);
  } catch (error) {
    return explain(error, terminal);
  }
}

/** `config` alone wants a second word. */
function unknown(name: string): UsageError {
  const longer = Object.keys(VERBS).filter((verb) => verb.startsWith(`${name} `));
  if (longer.length > 0) return new UsageError(`"${name}" alone says too little: ${longer.join(' or ')}`);
  return new UsageError(`there is no verb "${name}"; "dualtone --help" lists them`);
}

function split(argv: readonly string[]): { name: string; rest: readonly string[] } {
  const [first = '', second = '', ...others] = argv;
  if (first === 'config' && second !== '' && !second.startsWith('-')) {
    return { name: `config ${second}`, rest: others };
  }
  return first.startsWith('-') ? { name: '', rest: argv } : { name: first, rest: argv.slice(1) };
}

async function overview(args: readonly string[], { terminal, version }: Context): Promise<number> {
  if (args[0] === '--version' || args[0] === '-V') {
    terminal.out(version);
    return DONE;
  }
  if (args[0] !== '--help' && args[0] !== '-h') {
    throw new UsageError(
      args[0]
        ? `unknown option ${args[0]}; try "dualtone --help"`
        : 'a verb is missing; try "dualtone --help"',
    );
  }
  const verbs = await Promise.all(Object.values(VERBS).map(async (load) => (await load()).verb));
  const lines = verbs.map(({ usage, summary }) => `  dualtone ${usage}\n      ${summary}`);
  terminal.out(['usage:', ...lines, '', ...ALWAYS].join('\n'));
  return DONE;
}
