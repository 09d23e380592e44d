/** tcpdump on one link of the router, read as it runs. */
import { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Packet, readEthernet } from './packet.ts';

const FILE_HEAD = 24;
const RECORD_HEAD = 16;
/** A capture that runs wild must not eat the memory. */
const MOST_PACKETS = 200_000;

export class Capture {
  readonly packets: Packet[] = [];
  readonly #child: ChildProcess;
  #unread = Buffer.alloc(0);
  #headSeen = false;

  private constructor(namespace: string, link: string) {
    // -U and immediate mode: a packet is read here when it passes there, not when a buffer is full.
    const words = ['-i', link, '-n', '-U', '--immediate-mode', '-s', '0', '-w', '-', 'ip or ip6'];
    this.#child = spawn('ip', ['netns', 'exec', namespace, 'tcpdump', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.on('error', () => {});
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Ready when this resolves. */
  static async start(namespace: string, link: string): Promise<Capture> {
    const capture = new Capture(namespace, link);
    await capture.#listening();
    return capture;
  }

  /** Waits a moment for what is under way from the kernel, then ends. */
  async stop(): Promise<readonly Packet[]> {
    await sleep(30);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close');
      this.#child.kill('SIGTERM');
      await closed;
    }
    return this.packets;
  }

  async #listening(): Promise<void> {
    let said = '';
    const heard = new Promise<void>((resolve, reject) => {
      this.#child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString('latin1');
        if (said.includes('listening on')) resolve();
      });
      this.#child.on('close', () => reject(new Error(`tcpdump ended: ${said}`)));
    });
    await heard;
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    if (!this.#headSeen && this.#unread.length >= FILE_HEAD) {
      this.#unread = this.#unread.subarray(FILE_HEAD);
      this.#headSeen = true;
    }
    for (let more = this.#headSeen; more; ) more = this.#readRecord();
  }

  /** Record of a pcap file: seconds, microseconds, octets here, octets on the wire. */
  #readRecord(): boolean {
    if (this.#unread.length < RECORD_HEAD) return false;
    const length = this.#unread.readUInt32LE(8);
    if (this.#unread.length < RECORD_HEAD + length) return false;
    const time = this.#unread.readUInt32LE(0) * 1000 + this.#unread.readUInt32LE(4) / 1000;
    const frame = Buffer.from(this.#unread.subarray(RECORD_HEAD, RECORD_HEAD + length));
    this.#unread = this.#unread.subarray(RECORD_HEAD + length);
    const packet = readEthernet(frame, time);
    if (packet !== undefined && this.packets.length < MOST_PACKETS) this.packets.push(packet);
    return true;
  }
}
