/** The built firmware as a process of its own, driven by its own command line, as a person drives it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallStatus, Status } from '#phone/types.ts';
import { ALONE } from './alone.ts';
import { PeerProcess, until } from './process.ts';
import { said, saidOnDisk, saidOverSocket, secretsIn } from './secrets.ts';

const PROGRAM = new URL('../../dist/dualtone.js', import.meta.url).pathname;

/** An empty directory of this test run. */
export function scratch(name: string): string {
  return mkdtempSync(join(tmpdir(), `dualtone-${name}-`));
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Where the firmware runs, if not here and from `dist/`. */
export interface Place {
  /** Stands before its command line, such as `ip netns exec NAME`. */
  readonly via?: readonly string[];
  readonly program?: string;
}

export class PhoneProcess extends PeerProcess {
  readonly directory: string;
  readonly #program: string;
  readonly #printed: Buffer[] = [];
  /** What its ear heard in the last call, when `audio.output` was left to us. */
  readonly heard: string;

  private constructor(directory: string, args: readonly string[], { via = [], program = PROGRAM }: Place) {
    const [first = process.execPath, ...words] = [...via, process.execPath, program, 'run', ...args];
    super(first, words);
    this.directory = directory;
    this.#program = program;
    this.heard = join(directory, 'heard.wav');
  }

  /**
   * Starts the firmware and waits until it answers. `config` is the configuration's content; sound is a
   * 440 Hz tone in, a WAV file out, and nobody on the LAN is asked or told anything, unless it says otherwise.
   */
  static async start(
    directory: string,
    config: Record<string, unknown>,
    args: readonly string[] = [],
    place: Place = {},
  ): Promise<PhoneProcess> {
    mkdirSync(directory, { recursive: true });
    secretsIn(config);
    const file = join(directory, 'config.json');
    const audio = { input: 'tone:440', output: `file:${join(directory, 'heard.wav')}` };
    writeFileSync(file, JSON.stringify({ schema: 'dualtone.config/1', ...ALONE, audio, ...config }));
    const data = join(directory, 'data');
    const words = ['--config', file, '--data', data, '--http', 'off', ...args];
    const phone = new PhoneProcess(directory, words, place);
    await until(
      'the phone answers',
      async () => (await phone.verb('status', '--json')).code === 0,
      8000,
      () => phone.output,
    );
    return phone;
  }

  /**
   * Starts the firmware as it comes out of its box, with no configuration and an empty memory; a second start in the same
   * directory finds what the first one has kept. Does not wait for it.
   */
  static unpacked(directory: string, args: readonly string[] = [], place: Place = {}): PhoneProcess {
    mkdirSync(directory, { recursive: true });
    return new PhoneProcess(directory, ['--data', join(directory, 'data'), '--http', 'off', ...args], place);
  }

  protected override printed(chunk: Buffer): void {
    this.#printed.push(chunk);
  }

  /** What it said, answers and leaves behind is kept for the search for secrets. */
  override async stop(): Promise<number> {
    const data = join(this.directory, 'data');
    await saidOverSocket(data);
    const code = await super.stop();
    said(`the log of ${this.directory}`, Buffer.concat(this.#printed).toString('utf8'));
    this.#printed.length = 0;
    saidOnDisk(data);
    return code;
  }

  /** Runs a verb of the command line against this phone. */
  async verb(...words: readonly string[]): Promise<Outcome> {
    const command = new PeerProcess(process.execPath, [
      this.#program,
      ...words,
      '--data',
      join(this.directory, 'data'),
    ]);
    const code = await command.exit(45_000);
    said(`dualtone ${words.join(' ')}`, command.output);
    return { code, output: command.output };
  }

  async status(): Promise<Status> {
    const { code, output } = await this.verb('status', '--json');
    if (code !== 0) throw new Error(`status failed: ${output}\n${this.output}`);
    return JSON.parse(output);
  }

  /** Waits until the newest call is in `state`. */
  async call(state: CallStatus['state'], ms = 8000): Promise<CallStatus> {
    let last: CallStatus | undefined;
    return until(
      `a call that is ${state}`,
      async () => {
        last = (await this.status()).calls.at(-1);
        return last?.state === state ? last : undefined;
      },
      ms,
      () => `last seen: ${JSON.stringify(last)}\n${this.output}`,
    );
  }

  async registered(ms = 8000): Promise<Status> {
    return until(
      'registered',
      async () => {
        const status = await this.status();
        return status.accounts[0]?.state === 'registered' ? status : undefined;
      },
      ms,
      () => this.output,
    );
  }
}
