/**
 * The card's firewall in a network namespace, with another machine at the other end of its only wire. The telephone's user,
 * whom the rules name, is here number 65534.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { command, ip } from '../lab/command.ts';
import type { Answer, Command, Sending } from './firewall_end.ts';
import { DEVICE } from './staged.ts';

const END = new URL('./firewall_end.ts', import.meta.url).pathname;
export const TELEPHONE = 65534;
/** Ports that are open by default; of a range the first and the last. */
export const OPEN_UDP = [5060, 5061, 16_384, 16_583, 25_790];
export const OPEN_TCP = [5060, 5061, 8443];
export const PHONE = { ipv4: '10.79.0.1', ipv6: 'fd79::1', teredo: '2001:0:79::1', link: 'fe80::79:1%wire' };
export const PEER = { ipv4: '10.79.0.2', ipv6: 'fd79::2', teredo: '2001:0:79::2', link: 'fe80::79:2%wire' };

export class End {
  readonly heard: Extract<Answer, { kind: 'heard' }>[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  #answered: (answer: Answer) => void = () => {};

  constructor(namespace: string, user?: number) {
    const words = user === undefined ? [] : [String(user)];
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, END, ...words]);
    this.#lines = createInterface(this.#child.stdout);
    this.#lines.on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.kind === 'heard') this.heard.push(answer);
      else this.#answered(answer);
    });
  }

  async does(what: Command): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#answered = resolve;
    this.#child.stdin.write(`${JSON.stringify(what)}\n`);
    const given = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(what)}`)), 5000);
    return promise.finally(() => clearTimeout(given));
  }

  async listen(transport: 'udp' | 'tcp', ports: readonly number[], group?: string): Promise<void> {
    for (const port of ports)
      await this.does({ kind: 'listen', transport, port, ...(group === undefined ? {} : { group }) });
  }

  send(sending: Partial<Sending> & Pick<Sending, 'from' | 'to' | 'port'>): Promise<Answer> {
    return this.does({ kind: 'send', fromPort: 40_001, size: 200, ...sending });
  }

  async opens(to: string, port: number): Promise<boolean> {
    const answer = await this.does({ kind: 'connect', to, port });
    return answer.kind === 'opened' && answer.opened;
  }

  /** Ports at which something arrived since the last look. */
  async arrived(): Promise<readonly number[]> {
    await sleep(120);
    return this.heard.splice(0).map(({ port }) => port);
  }

  close(): void {
    this.#child.stdin.end();
  }
}

export class FirewalledWire implements AsyncDisposable {
  static #count = 0;
  readonly phone: string;
  readonly peer: string;
  readonly #ends: End[] = [];

  private constructor(name: string) {
    this.phone = `${name}-phone`;
    this.peer = `${name}-peer`;
  }

  static async create(): Promise<FirewalledWire> {
    FirewalledWire.#count += 1;
    const wire = new FirewalledWire(`dualtone-${process.pid}-${threadId}.${FirewalledWire.#count}-fw`);
    try {
      await wire.#build();
    } catch (error) {
      await wire[Symbol.asyncDispose]();
      throw error;
    }
    return wire;
  }

  /** The rules as they lie on the card. */
  static rules(): string {
    const text = readFileSync(join(DEVICE, 'etc/nftables.conf'), 'utf8');
    return text.replaceAll('skuid != "dualtone"', `skuid != ${TELEPHONE}`);
  }

  end(where: 'phone' | 'peer', user?: number): End {
    const end = new End(this[where], user);
    this.#ends.push(end);
    return end;
  }

  nft(...words: readonly string[]): Promise<string> {
    return command('ip', ['netns', 'exec', this.phone, 'nft', ...words]);
  }

  async #build(): Promise<void> {
    await ip([`netns add ${this.phone}`, `netns add ${this.peer}`]);
    await ip([`link add wire netns ${this.phone} type veth peer name wire netns ${this.peer}`]);
    for (const [namespace, own] of [
      [this.phone, PHONE],
      [this.peer, PEER],
    ] as const) {
      await ip(
        [
          'link set lo up',
          'link set wire addrgenmode none',
          `addr add ${own.ipv4}/24 dev wire`,
          ...[own.ipv6, own.teredo, own.link.replace(/%.*/, '')].map(
            (one) => `addr add ${one}/64 dev wire nodad`,
          ),
          'link set wire up',
          'route add 224.0.0.0/4 dev wire',
        ],
        namespace,
      );
    }
    await command('ip', ['netns', 'exec', this.phone, 'nft', '-f', '-'], FirewalledWire.rules());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) end.close();
    await sleep(50);
    for (const name of [this.phone, this.peer]) await command('ip', ['netns', 'del', name]).catch(() => '');
  }
}
