import { dataDir } from './data_dir.ts';
import { type BootOptions, LOG_LEVELS, type LogLevel, UsageError, type Verb } from './verb.ts';

const DEFAULT_HTTP = { host: '127.0.0.1', port: 8080 };

export const verb: Verb = {
  usage:
    'run [--config FILE] [--data DIR] [--board NAME|FILE] [--http HOST:PORT|off] [--drop DIR] [--trial SECONDS] [--log LEVEL]',
  summary: 'runs the phone until SIGTERM or Ctrl-C',
  options: {
    config: { type: 'string' },
    board: { type: 'string' },
    http: { type: 'string' },
    drop: { type: 'string' },
    trial: { type: 'string' },
    log: { type: 'string' },
  },
  async act(given, { boot, terminal }) {
    const config = given.text('config');
    const http = httpOf(given.text('http'));
    const board = given.text('board');
    const trial = trialOf(given.text('trial'));
    const drop = given.text('drop');
    await boot(
      {
        ...(config === undefined ? {} : { config }),
        ...(http === undefined ? {} : { http }),
        ...(drop === undefined ? {} : { drop }),
        ...(trial === undefined ? {} : { trial }),
        ...(board === undefined ? {} : { board }),
        data: dataDir(given.text('data')),
        log: levelOf(given.text('log')),
      },
      terminal,
    );
  },
};

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `8080`, `off`. */
export function httpOf(option: string | undefined): BootOptions['http'] {
  if (option === undefined) return { ...DEFAULT_HTTP, given: false };
  if (option === 'off') return undefined;
  const [, host = DEFAULT_HTTP.host, port] =
    /^(?:(\[[\da-fA-F:.]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(option) ?? [];
  if (port === undefined || Number(port) > 65535) {
    throw new UsageError(`--http wants HOST:PORT ([::1]:8080) or off, not ${option}`);
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port), given: true };
}

/** Less than a registration needs would undo what is well; longer than a day nobody waits. */
const TRIAL = { least: 5, most: 86_400 } as const;

/** ms */
function trialOf(option: string | undefined): number | undefined {
  if (option === undefined) return undefined;
  const seconds = /^\d{1,5}$/.test(option) ? Number(option) : 0;
  if (seconds < TRIAL.least || seconds > TRIAL.most)
    throw new UsageError(`--trial wants ${TRIAL.least} to ${TRIAL.most} seconds, not ${option}`);
  return seconds * 1000;
}

function levelOf(option = 'info'): LogLevel {
  const level = LOG_LEVELS.find((each) => each === option);
  if (level === undefined) throw new UsageError(`--log wants one of ${LOG_LEVELS.join(', ')}, not ${option}`);
  return level;
}
