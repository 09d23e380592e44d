/** The built firmware in a guest with the profile of a board, on the kernel's simulated devices. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PartStatus } from '#hal/types.ts';
import type { CallStatus, Status } from '#phone/types.ts';
import { ALONE } from '../support/alone.ts';
import { until } from '../support/process.ts';
import { secretsIn } from '../support/secrets.ts';
import type { GuestNetwork } from './guest.ts';
import type { Pin } from './inside/laboratory.ts';
import { labModule } from './kernel.ts';
import { readPixels } from './oled_text.ts';
import { DATA, Puppet } from './puppet.ts';
import { Recording } from './recording.ts';
import { manage } from './systemd.ts';

/** The chip of a Raspberry Pi 4, which all profiles accept. */
export const LABEL = 'pinctrl-bcm2711';
const CHECKOUT = new URL('../..', import.meta.url).pathname;
/** As the guest sees it. */
const EXCHANGE = '/run/exchange';
const PROGRAM = `${EXCHANGE}/dist/dualtone.js`;
const HANGING = new URL('../support/hanging.mjs', import.meta.url).pathname;
const HEARD = 'heard.raw';
/** ms that a scan leaves simulated lines, and the fingers that follow them. */
const SETTLE = 60;

export interface Profile {
  readonly sound?: { readonly output: string; readonly period?: number };
  readonly parts: readonly ProfilePart[];
}

interface ProfilePart {
  readonly kind: string;
  readonly line?: number;
  readonly shk?: { readonly line: number };
  readonly interrupt?: number;
  readonly rows?: readonly (number | string)[];
  readonly columns?: readonly (number | string)[];
  readonly keys?: readonly (readonly string[])[];
}

export interface TelephoneOptions {
  readonly kernel: string;
  /** ms for all that the guest does. */
  readonly limit: number;
  /** Of hal/boards. */
  readonly board: string;
  /** Beyond what every telephone here has; `audio` takes the board's card, and without a card a tone. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly network?: GuestNetwork;
  /** Whether the board's sound card is there, as snd-aloop. */
  readonly card?: boolean;
  /** Without the character device, which leaves sysfs. */
  readonly onoff?: boolean;
  /** Makes another profile of the board's own. */
  readonly change?: (board: Profile) => Profile;
  /** The chip whose PWM there is; by default that of the same board. */
  readonly pwm?: string;
  /** Signals make threads of it stand still (support/hanging.mjs). */
  readonly hanging?: boolean;
}

export class Telephone {
  readonly puppet: Puppet;
  readonly #options: TelephoneOptions;
  readonly #profile: Profile;
  #speeches = 0;

  private constructor(options: TelephoneOptions, profile: Profile) {
    const { kernel, limit, network, card = false, pwm = 'fe20c000.pwm' } = options;
    const loop = card ? [`snd-aloop id=${cardOf(profile)} pcm_substreams=1`] : [];
    this.puppet = new Puppet({
      ...{ kernel, limit, megabytes: 512 },
      modules: [`${labModule()} bus=1 pwm=${pwm}`, ...loop],
      ...(network && { network }),
    });
    this.#options = options;
    this.#profile = profile;
  }

  /** Wired, with the hook down; the firmware does not run yet. */
  static async wired(options: TelephoneOptions): Promise<Telephone> {
    const { board, change = (profile) => profile, config, card = false } = options;
    const profile = change(slowed(JSON.parse(readFileSync(`hal/boards/${board}.json`, 'utf8'))));
    secretsIn(config);
    const phone = new Telephone(options, profile);
    const { puppet } = phone;
    // A build that happens meanwhile must not change it.
    const built = join(puppet.guest.exchange, 'dist');
    cpSync(join(CHECKOUT, 'dist'), built, {
      recursive: true,
      filter: (path) => !/\.map$|\/page$/.test(path),
    });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(puppet.guest.exchange, 'node_modules'));
    const audio = card ? {} : { audio: { input: 'tone:440', output: 'file:/run/heard.wav' } };
    phone.#share(
      'config.json',
      JSON.stringify({ schema: 'dualtone.config/1', ...ALONE, ...audio, ...config }),
    );
    phone.#share('board.json', JSON.stringify(profile));
    await phone.#plug();
    return phone;
  }

  static async start(options: TelephoneOptions): Promise<Telephone> {
    const phone = await Telephone.wired(options);
    await phone.run();
    return phone;
  }

  /** Starts the firmware as a service of a real systemd, whose unit has these settings too; waits until it answers. */
  async serve(settings: readonly string[]): Promise<void> {
    const { puppet } = this;
    const line = ['exec', process.execPath, '--import', HANGING, PROGRAM, '"$@"'].join(' ');
    const program = join(puppet.guest.exchange, 'dualtone');
    writeFileSync(program, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    const words = `--config ${EXCHANGE}/config.json --http off --data ${DATA}`;
    this.#share('default', `BOARD=${EXCHANGE}/board.json\nOPTIONS=${words}\n`);
    const unit = readFileSync(`${CHECKOUT}image/files/usr/lib/systemd/system/dualtone.service`, 'utf8');
    await manage(puppet, unit.replaceAll('/usr/bin/dualtone', `${EXCHANGE}/dualtone`), [
      `EnvironmentFile=${EXCHANGE}/default`,
      // A checkout in /tmp, which the unit has one of its own of.
      `BindReadOnlyPaths=${CHECKOUT}`,
      ...settings,
    ]);
    await this.answers();
  }

  /** Starts the firmware, and waits until it answers. */
  async run(): Promise<void> {
    const files = ['--config', `${EXCHANGE}/config.json`, '--board', `${EXCHANGE}/board.json`];
    const hanging = this.#options.hanging ? ['--import', HANGING] : [];
    await this.puppet.does('start', 'phone', [
      ...hanging,
      PROGRAM,
      'run',
      '--http',
      'off',
      ...files,
      '--data',
      DATA,
    ]);
    await this.answers();
  }

  /** Once it answers. */
  async answers(): Promise<void> {
    await this.until(
      'the telephone answers',
      20_000,
      async () => (await this.verb('status', '--json')) !== '',
    );
  }

  /** Its own handset, or that of the telephone on its line; ms of the guest's clock at which it moved. */
  hook(state: 'on' | 'off'): Promise<number> {
    const shk = this.#profile.parts.find((part) => part.shk !== undefined)?.shk;
    // A hook's contact pulls its line down while it is lifted; a module's output is high then.
    const high = shk === undefined ? 'on' : 'off';
    const line = shk === undefined ? this.#part('hook').line : shk.line;
    return this.puppet.does('pull', LABEL, line ?? -1, state === high ? 1 : 0);
  }

  /** By the label that the profile gives the key; ms of the guest's clock at which it went down. */
  async press(key: string): Promise<number> {
    const keypad = this.#part('keypad');
    const row = keypad.keys?.findIndex((keys) => keys.includes(key)) ?? -1;
    const column = keypad.keys?.[row]?.indexOf(key) ?? -1;
    const { puppet } = this;
    if (keypad.kind === 'keypad') {
      // The presser has to see each row once while the key is down.
      const at = await puppet.does('pressMatrix', LABEL, row, column);
      await sleep(SETTLE * 12);
      await puppet.does('releaseMatrix', LABEL, row, column);
      await sleep(SETTLE * 10);
      return at;
    }
    const pins = [keypad.rows?.[row], keypad.columns?.[column]].map((pin) => `${pin}`.toLowerCase() as Pin);
    const [one = 'gnd', other = 'gnd'] = pins;
    const at = await puppet.does('pressExpander', one, other);
    await sleep(150);
    await puppet.does('releaseExpander', one, other);
    await sleep(150);
    return at;
  }

  /** Rows of its display, whichever it has; without one, what it would show. */
  async display(): Promise<readonly string[]> {
    if (!this.#profile.parts.some(({ kind }) => kind.startsWith('display'))) {
      return JSON.parse(await this.verb('screen', '--json')).lines;
    }
    if (this.#profile.parts.some(({ kind }) => kind === 'display-hd44780'))
      return this.puppet.does('characters');
    return readPixels(await this.puppet.does('pixels'));
  }

  /** What changes with its display. */
  get screenFile(): string {
    const isOled = this.#profile.parts.some(({ kind }) => kind === 'display-ssd1306');
    return `/sys/kernel/debug/dualtone-lab/${isOled ? 'ssd1306/pixels' : 'hd44780/screen'}`;
  }

  /** The rows of its display, once they show this. */
  showing(what: RegExp, ms = 20_000): Promise<readonly string[]> {
    let rows: readonly string[] = [];
    return this.#until(
      `the display shows ${what}`,
      ms,
      () => rows,
      async () => {
        rows = await this.display();
        return what.test(rows.join('\n')) && rows;
      },
    );
  }

  /** What a verb of its command line prints. */
  verb(...words: readonly string[]): Promise<string> {
    return this.puppet.does('shell', [process.execPath, PROGRAM, ...words, '--data', DATA].join(' '));
  }

  /** Puts its outputs to rest whenever it ends, however it ends. */
  async restAfterwards(): Promise<void> {
    const words = ['rest', '--board', `${EXCHANGE}/board.json`, '--data', DATA];
    await this.puppet.does('afterwards', 'phone', [PROGRAM, ...words]);
  }

  /** What its selftest prints where nobody is there, and its exit status; the firmware does not run. */
  async selftest(): Promise<{ readonly output: string; readonly status: number }> {
    const files = `--config ${EXCHANGE}/config.json --board ${EXCHANGE}/board.json`;
    const line = `${process.execPath} ${PROGRAM} selftest ${files} </dev/null 2>&1; echo "status $?"`;
    const output = await this.puppet.does('shell', line);
    return { output, status: Number(/^status (\d+)$/m.exec(output)?.[1]) };
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.verb('status', '--json'));
  }

  /** Its newest call, once it is in this state. */
  call(state: CallStatus['state'], ms = 20_000): Promise<CallStatus> {
    let last: CallStatus | undefined;
    return this.#until(
      `a call is ${state}`,
      ms,
      () => last,
      async () => {
        last = (await this.status()).calls.at(-1);
        return last?.state === state && last;
      },
    );
  }

  /** Once this part is in this state. */
  partIs(part: string, state: PartStatus['state'], ms = 20_000): Promise<PartStatus> {
    let last: readonly PartStatus[] = [];
    return this.#until(
      `${part} is ${state}`,
      ms,
      () => last,
      async () => {
        last = (await this.status()).hardware;
        return last.find((each) => each.part === part && each.state === state);
      },
    );
  }

  /** Begins to record what it plays. */
  async listen(): Promise<void> {
    await this.puppet.does('record', cardOf(this.#profile), `${EXCHANGE}/${HEARD}`);
  }

  /** All that was recorded so far. */
  async heard(): Promise<Recording> {
    const recorded = await this.puppet.does('recorded', cardOf(this.#profile));
    return new Recording(join(this.puppet.guest.exchange, HEARD), recorded);
  }

  /** ms of the guest's clock at which anything was heard after `from`. */
  soundSince(from: number): Promise<number> {
    return this.#until(
      'sound',
      8000,
      () => '',
      async () => {
        const ms = (await this.heard()).msUntilSound(from);
        return ms !== undefined && from + ms;
      },
    );
  }

  /** Says samples of 48 kHz into its microphone; what is returned ends that. */
  async say(samples: Int16Array): Promise<() => Promise<unknown>> {
    this.#speeches += 1;
    const name = `speech-${this.#speeches}.raw`;
    this.#share(name, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
    await this.puppet.does('say', name, cardOf(this.#profile), `${EXCHANGE}/${name}`);
    return () => this.puppet.does('end', name, 'SIGTERM');
  }

  /** Its exit status. */
  async end(): Promise<number | string> {
    await this.puppet.hearsOut();
    const status = await this.puppet.does('end', 'phone', 'SIGTERM');
    await this.puppet.leave();
    return status;
  }

  /** Once the probe gives something. */
  until<T>(what: string, ms: number, probe: () => Promise<T | undefined | false>): Promise<T> {
    return this.#until(what, ms, () => '', probe);
  }

  async #plug(): Promise<void> {
    const { puppet } = this;
    await puppet.does('makeChip', LABEL, 58);
    if (this.#options.onoff) await puppet.does('shell', 'rm -f /dev/gpiochip*');
    await this.wire();
  }

  /** What is wired to the lines of its chip. */
  async wire(hook: 'on' | 'off' = 'on'): Promise<void> {
    const { puppet } = this;
    for (const { kind, shk, interrupt, rows = [], columns = [] } of this.#profile.parts) {
      if (kind === 'hook' || shk !== undefined) await this.hook(hook);
      if (kind === 'keypad') await puppet.does('makeKeypad', LABEL, rows.map(Number), columns.map(Number));
      if (interrupt !== undefined) await puppet.does('wireInterrupt', 'a', LABEL, interrupt);
    }
  }

  #part(kind: string): ProfilePart {
    const part = this.#profile.parts.find((each) => each.kind.startsWith(kind));
    if (part === undefined) throw new Error(`the board has no ${kind}`);
    return part;
  }

  #share(name: string, content: string | Uint8Array): void {
    mkdirSync(this.puppet.guest.exchange, { recursive: true });
    writeFileSync(join(this.puppet.guest.exchange, name), content);
  }

  #until<T>(
    what: string,
    ms: number,
    last: () => unknown,
    probe: () => Promise<T | undefined | false>,
  ): Promise<T> {
    const explain = (): string =>
      `last: ${JSON.stringify(last())}\n${this.puppet.guest.printed.slice(-4000)}`;
    return until(what, probe, ms, explain);
  }
}

/** The id of the board's sound card. */
function cardOf({ sound }: Profile): string {
  return /CARD=(\w+)/.exec(sound?.output ?? '')?.[1] ?? 'Loopback';
}

/** As it is, but for the times of simulated lines and of a card that counts with the timer's tick. */
function slowed(profile: Profile): Profile {
  const { sound } = profile;
  const parts = profile.parts.map((part) => (part.kind === 'keypad' ? { ...part, settle: SETTLE } : part));
  return { ...profile, parts, ...(sound && { sound: { ...sound, period: 20 } }) };
}
