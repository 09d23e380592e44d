/** baresip as the other telephone, on loopback. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { baresipConfig } from '../../support/baresip_config.ts';
import { PeerProcess, until } from '../../support/process.ts';

export interface BaresipOptions {
  readonly directory: string;
  readonly port: number;
  /** IP literal to listen on, IPv6 in brackets. */
  readonly address: string;
  /** One line of its accounts file. */
  readonly account: string;
  /** WAV file at 8 kHz that it speaks. */
  readonly speaks: string;
}

export class Baresip extends PeerProcess {
  readonly #options: BaresipOptions;

  constructor(options: BaresipOptions) {
    mkdirSync(options.directory, { recursive: true });
    const write = (name: string, text: string): void => writeFileSync(join(options.directory, name), text);
    write('accounts', `${options.account}\n`);
    write('contacts', '');
    const { directory, speaks, address, port } = options;
    write('config', baresipConfig({ directory, speaks, listen: `${address}:${port}`, control: port + 3 }));
    super('baresip', ['-f', options.directory, '-t', '60']);
    this.#options = options;
  }

  async ready(): Promise<this> {
    await until(
      'baresip is ready',
      () => this.output.includes('baresip is ready'),
      5000,
      () => this.output,
    );
    return this;
  }

  /** Calls `uri` as a person would from its menu. */
  async dial(uri: string): Promise<void> {
    const socket = connect(this.#options.port + 3, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('error', reject));
    const message = JSON.stringify({ command: 'dial', params: uri });
    socket.end(`${Buffer.byteLength(message)}:${message},`);
  }

  /** The newest recording of what it heard. */
  heard(): string {
    const newest = readdirSync(this.#options.directory)
      .filter((name) => name.endsWith('-dec.wav'))
      .sort()
      .at(-1);
    if (newest === undefined) throw new Error(`baresip recorded nothing:\n${this.output}`);
    return join(this.#options.directory, newest);
  }
}
