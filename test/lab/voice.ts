/** Sound without content, for calls with the responder: RTP of G.711 silence to where the last offer said. */
import { createSocket, type Socket } from 'node:dgram';
import { familyOf } from './addressing.ts';

export const VOICE_PORT = 40_000;
/** A-law for nothing at all (ITU-T G.711 table 1a, with even bits inverted). */
const SILENCE = 0xd5;
const RTP_HEADER = 12;
const FRAME = 160;
const FRAME_MS = 20;

export class Voice {
  readonly #sockets = new Map<number, Socket>();
  readonly #calls = new Map<string, NodeJS.Timeout>();

  /** Binds the port at each of our addresses. */
  constructor(addresses: readonly string[]) {
    for (const address of addresses) {
      const socket = createSocket(familyOf(address) === 6 ? 'udp6' : 'udp4');
      socket.on('error', () => {}).bind(VOICE_PORT, address);
      this.#sockets.set(familyOf(address), socket);
    }
  }

  /** Speaks to the `c=` and `m=` of this description from now on; without such it goes on as before. */
  speak(callId: string, description: string): void {
    const address = /^c=IN IP[46] (\S+)/m.exec(description)?.[1];
    const port = Number(/^m=audio (\d+)/m.exec(description)?.[1] ?? 0);
    if (address === undefined || port === 0) return;
    this.hush(callId);
    const socket = this.#sockets.get(familyOf(address));
    const packet = Buffer.alloc(RTP_HEADER + FRAME, SILENCE);
    packet.set([0x80, 8], 0);
    packet.writeUInt32BE(0x766f6963, 8);
    let count = 0;
    const next = () => {
      packet.writeUInt16BE(++count & 0xffff, 2);
      packet.writeUInt32BE((count * FRAME) >>> 0, 4);
      socket?.send(Buffer.from(packet), port, address, () => {});
    };
    this.#calls.set(callId, setInterval(next, FRAME_MS));
  }

  hush(callId: string): void {
    clearInterval(this.#calls.get(callId));
    this.#calls.delete(callId);
  }
}
