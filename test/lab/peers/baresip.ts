/**
 * Debian's baresip on a host of the laboratory. It finds addresses and name servers itself: with `sip_listen` it would
 * know one family only. Calls are placed when it starts, or taken by themselves.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baresipConfig } from '../../support/baresip_config.ts';
import { type PeerProcess, until } from '../../support/process.ts';
import { writeToneWav } from '../../support/wav_tone.ts';
import { bracketed } from '../addressing.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';

export interface BaresipOptions {
  /** A line of its accounts file, such as `<sip:alice@pbx.lab;transport=udp>;regint=600`. */
  readonly account: string;
  /** URI to call at once. */
  readonly dial?: string;
  /** Frequency of what it says, Hz. */
  readonly tone?: number;
  /** Seconds until it ends by itself. */
  readonly lives?: number;
  /** Its only address of SIP, at port 5060; by default any port at all of them. */
  readonly listen?: string;
}

let count = 0;

export class BaresipHere {
  readonly process: PeerProcess;
  readonly #directory: string;

  constructor(lab: Lab, host: Host, options: BaresipOptions) {
    this.#directory = join(lab.directory, `${host.name}-baresip-${++count}`);
    mkdirSync(this.#directory);
    const speaks = join(this.#directory, 'speaks.wav');
    writeToneWav(speaks, options.tone ?? 600, 30);
    this.#write('accounts', `${options.account}\n`);
    this.#write('contacts', '');
    const listen = options.listen === undefined ? undefined : `${bracketed(options.listen)}:5060`;
    this.#write(
      'config',
      baresipConfig({ directory: this.#directory, speaks, ...(listen === undefined ? {} : { listen }) }),
    );
    const dial = options.dial === undefined ? [] : ['-e', `/dial ${options.dial}`];
    const lives = String(options.lives ?? 120);
    this.process = host.run('baresip', ['-f', this.#directory, '-t', lives, ...dial]);
  }

  async ready(): Promise<this> {
    await this.says('baresip is ready');
    return this;
  }

  /** Waits until it has printed the text. */
  async says(text: string, ms = 8000): Promise<void> {
    const said = () => this.process.output.includes(text);
    await until(`baresip says "${text}"`, said, ms, () => this.process.output);
  }

  /** The newest recording of what it heard; undefined before the first. */
  get heard(): string | undefined {
    const recordings = readdirSync(this.#directory).filter((name) => name.endsWith('-dec.wav'));
    const newest = recordings.sort().at(-1);
    return newest === undefined ? undefined : join(this.#directory, newest);
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#directory, name), text);
  }
}
