/**
 * baresip as the other telephone: speaks a WAV file, writes what it hears to `…-dec.wav` in its directory.
 * Its player is a bridge nobody listens to, which gives it a clock without a sound card.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
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
    write('config', configuration(options));
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

function configuration({ directory, address, port, speaks }: BaresipOptions): string {
  const modules = ['g711', 'ausine', 'aufile', 'aubridge', 'sndfile'];
  return [
    'poll_method epoll',
    `sip_listen ${address}:${port}`,
    'module_path /usr/lib/baresip/modules',
    ...modules.map((name) => `module ${name}.so`),
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${port + 3}`,
    `audio_source aufile,${speaks}`,
    'audio_player aubridge,ear',
    'audio_alert aubridge,alert',
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    `snd_path ${directory}`,
    '',
  ].join('\n');
}
