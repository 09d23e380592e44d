/** Runs programs of the host: their last words are progress, their failure an Error that quotes them. */
import { spawn } from 'node:child_process';
import { heard } from './step.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** What it is called where it fails; without: the command as it is. */
  readonly called?: string;
  /** Other exit codes than 0 that are fine. */
  readonly fine?: readonly number[];
}

/** Characters of its output that a failed program is quoted with. */
const QUOTED = 3000;
/** Characters of its own words. */
const SHOWN = 200;

/** Its standard output. Throws an Error with its last words where it ends otherwise than by 0. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'pipe' });
  const called = (options.called ?? `${command} ${args.join(' ')}`).slice(0, SHOWN);
  const parts: string[] = [];
  let said = '';
  const hear = (text: string) => {
    said = (said + text).slice(-QUOTED);
    heard(
      text
        .trimEnd()
        .split(/[\r\n]/)
        .at(-1) ?? '',
    );
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    parts.push(text);
    hear(text);
  });
  child.stderr.setEncoding('utf8').on('data', hear);
  child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)));
  child.on('close', (code, signal) => {
    if (code === 0 || (code !== null && options.fine?.includes(code))) resolve(parts.join(''));
    else reject(new Error(`${called}: ended with ${code ?? signal}\n${said}`));
  });
  child.stdin.on('error', () => undefined); // it may end before it has read all
  child.stdin.end(options.input ?? '');
  return promise;
}
