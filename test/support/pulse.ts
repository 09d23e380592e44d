/**
 * A PulseAudio server of one's own, with null sinks as cables: what is played into one is heard at its monitor, paced
 * in real time. ALSA reaches it by a configuration of its own: PCM `x` plays into sink `x`, `x_mouth` hears its monitor.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PeerProcess, until } from './process.ts';

/** Samples a second of every sink; telephones take the same, so that nothing is converted in between. */
export const SINK_RATE = 48_000;

/** Programs and files that are needed, and their packages. */
const NEEDS: Readonly<Record<string, string>> = {
  pulseaudio: 'pulseaudio',
  parec: 'pulseaudio-utils',
};
const PLUGIN = 'libasound_module_pcm_pulse.so';
const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** Packages that are missing here. */
export function missingForPulse(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const programs = Object.keys(NEEDS).filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))),
  );
  const hasPlugin = LIBRARIES.some((folder) => existsSync(join(folder, 'alsa-lib', PLUGIN)));
  return [...programs.map((name) => NEEDS[name] ?? name), ...(hasPlugin ? [] : ['libasound2-plugins'])];
}

export class PulseServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dualtone-pulse-'));
  readonly #sinks: readonly string[];
  readonly #modules: readonly string[];
  #server: PeerProcess | undefined;
  readonly #helpers: ChildProcess[] = [];

  private constructor(sinks: readonly string[], modules: readonly string[]) {
    this.#sinks = sinks;
    this.#modules = modules;
    mkdirSync(join(this.#folder, 'run'), { mode: 0o700 });
    writeFileSync(join(this.#folder, 'asound.conf'), this.#alsaConfig());
  }

  /** Starts a server with these sinks; `modules`: further ones, as `load-module` takes them. */
  static async start(sinks: readonly string[], modules: readonly string[] = []): Promise<PulseServer> {
    const server = new PulseServer(sinks, modules);
    await server.begin();
    return server;
  }

  /** For programs that use it, by ALSA or by its own library. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOME: this.#folder,
      XDG_RUNTIME_DIR: join(this.#folder, 'run'),
      PULSE_SERVER: this.#address,
      ALSA_CONFIG_PATH: join(this.#folder, 'asound.conf'),
    };
  }

  /** Starts it, again if it was killed. */
  async begin(): Promise<void> {
    rmSync(this.#socket, { force: true });
    const modules = [
      `module-native-protocol-unix socket=${this.#socket} auth-anonymous=1`,
      ...this.#sinks.map(moduleOf),
      ...this.#modules,
    ];
    const fixed = ['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disable-shm=yes'];
    const args = [...fixed, '--log-level=error', ...modules.flatMap((each) => ['-L', each])];
    const server = new PeerProcess('pulseaudio', args, this.env);
    this.#server = server;
    await until(
      'the sound server answers',
      async () => (await this.#control('info')) === 0,
      10_000,
      () => server.output,
    );
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#server?.kill('SIGKILL');
    await this.#server?.ended;
  }

  async stop(): Promise<void> {
    for (const helper of this.#helpers) helper.kill('SIGKILL');
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Records a sink's monitor from now on. */
  async record(sink: string): Promise<Recorder> {
    const recorder = new Recorder(this.#run('parec', [`--device=${sink}.monitor`, ...FORMAT]));
    await until(`sound from ${sink}`, () => recorder.ms > 0);
    return recorder;
  }

  /** Plays samples into a sink. */
  play(sink: string, samples: Int16Array): void {
    const player = this.#run('pacat', ['--playback', `--device=${sink}`, ...FORMAT]);
    player.stdin?.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  #run(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { env: this.env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#helpers.push(child);
    return child;
  }

  async #control(word: string): Promise<number> {
    return new PeerProcess('pactl', [word], this.env).exit(5000);
  }

  get #socket(): string {
    return join(this.#folder, 'run', 'pulse.sock');
  }

  get #address(): string {
    return `unix:${this.#socket}`;
  }

  #alsaConfig(): string {
    const pcm = (name: string, device: string) =>
      `pcm.${name} { type pulse server "${this.#address}" device "${device}" handle_underrun 1 }`;
    const pcms = this.#sinks.flatMap((name) => [pcm(name, name), pcm(`${name}_mouth`, `${name}.monitor`)]);
    const control = `ctl.pulse { type pulse server "${this.#address}" }`;
    return ['</usr/share/alsa/alsa.conf>', control, ...pcms, ''].join('\n');
  }
}

/** What one sink played so far, and when. */
export class Recorder {
  readonly #chunks: Buffer[] = [];
  readonly #child: ChildProcess;
  #octets = 0;
  /** When the first sample was played, ms of performance.now(): the earliest that any later one allows. */
  startedAt = Number.POSITIVE_INFINITY;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#octets += chunk.length;
      this.startedAt = Math.min(this.startedAt, performance.now() - this.#octets / 2 / (SINK_RATE / 1000));
    });
  }

  /** Recorded, and not taken. */
  get ms(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0) / 2 / (SINK_RATE / 1000);
  }

  /** Takes what was recorded; what comes is recorded on. */
  take(): Int16Array {
    const all = Buffer.concat(this.#chunks);
    const whole = all.length - (all.length % 2);
    this.#chunks.splice(0, this.#chunks.length, all.subarray(whole));
    return Int16Array.from({ length: whole / 2 }, (_, i) => all.readInt16LE(2 * i));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

const FORMAT = ['--raw', '--format=s16le', `--rate=${SINK_RATE}`, '--channels=1', '--latency-msec=10'];

/** A sink without rewinds hands on what it plays at once, as a cable does. */
function moduleOf(name: string): string {
  return `module-null-sink sink_name=${name} norewinds=1 rate=${SINK_RATE} format=s16le channels=1 channel_map=mono`;
}
