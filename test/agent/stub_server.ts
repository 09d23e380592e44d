/** A registrar and callee on a UDP socket of loopback: says yes to everything and remembers what it heard. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type ResponseParts, writeResponse } from '#sip/message/write.ts';
import { until } from '../support/process.ts';

export class StubServer {
  readonly port: number;
  readonly heard: SipMessage[] = [];
  /** What it says that the time is. */
  date: string | undefined;
  readonly #socket: Socket;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.port = port;
    socket.on('message', (octets, from) => {
      const message = readMessage(octets);
      if (!message) return;
      this.heard.push(message);
      const parts = message.kind === 'request' ? this.#answer(message) : undefined;
      if (parts) socket.send(writeResponse(message, parts).octets, from.port, from.address);
    });
  }

  static async open(): Promise<StubServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new StubServer(socket, socket.address().port);
  }

  /** An account here. */
  get account(): object {
    return { user: 'alice', domain: '127.0.0.1', port: this.port, password: 's3cret' };
  }

  /** The requests of a method heard so far. */
  requests(method: string): readonly SipMessage[] {
    return this.heard.filter((message) => message.kind === 'request' && message.method === method);
  }

  /** Waits for the `count`-th request of a method. */
  async request(method: string, count = 1): Promise<SipMessage> {
    return until(`${method} number ${count}`, () => this.requests(method)[count - 1]);
  }

  send(octets: Uint8Array, port: number): void {
    this.#socket.send(octets, port, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
  }

  #answer({ method, octets }: SipMessage): ResponseParts | undefined {
    const text = Buffer.from(octets).toString('latin1');
    const contact = /^Contact: *(.*)\r$/m.exec(text)?.[1] ?? '';
    const expires = /^Expires: *(\d+)\r$/m.exec(text)?.[1] ?? '600';
    if (method === 'ACK') return undefined;
    if (method === 'REGISTER') {
      const bindings =
        expires === '0' || contact === '*' ? [] : [['Contact', `${contact};expires=600`] as const];
      const date = this.date === undefined ? [] : [['Date', this.date] as const];
      return { status: 200, toTag: 'stub', headers: [...bindings, ...date] };
    }
    if (method !== 'INVITE') return { status: 200, toTag: 'stub' };
    return {
      status: 200,
      toTag: 'stub',
      headers: [['Contact', `<sip:stub@127.0.0.1:${this.port}>`]],
      contentType: 'application/sdp',
      body: SILENT_ANSWER,
    };
  }
}

/** PCMA at a port of discard: nobody listens, nobody sends. */
const SILENT_ANSWER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 8',
  'a=rtpmap:8 PCMA/8000',
  '',
].join('\r\n');
