/** The far end of a measured call: registers everybody, answers every INVITE at once with PCMA at the port of the echo. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readMessage, type SipMessage } from '../../firmware/sip/message/message.ts';
import { type ResponseParts, writeResponse } from '../../firmware/sip/message/write.ts';

export class Answerer {
  readonly #socket: Socket = createSocket('udp4');
  readonly #echoPort: number;
  #acknowledged: () => void = () => {};
  /** Resolves when the call stands. */
  readonly established = new Promise<void>((resolve) => {
    this.#acknowledged = resolve;
  });
  #left: () => void = () => {};
  /** Resolves with BYE. */
  readonly ended = new Promise<void>((resolve) => {
    this.#left = resolve;
  });

  private constructor(echoPort: number) {
    this.#echoPort = echoPort;
    this.#socket.on('message', (octets, { port, address }) => {
      const request = readMessage(octets);
      if (request?.kind !== 'request') return;
      const response = this.#answer(request);
      if (response !== undefined) this.#socket.send(writeResponse(request, response).octets, port, address);
    });
  }

  static async listen(echoPort: number): Promise<Answerer> {
    const answerer = new Answerer(echoPort);
    answerer.#socket.bind(0, '127.0.0.1');
    await once(answerer.#socket, 'listening');
    return answerer;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(request: SipMessage): ResponseParts | undefined {
    const ok = { status: 200, toTag: 'answerer' };
    const here = `<sip:echo@127.0.0.1:${this.port}>`;
    switch (request.method) {
      case 'ACK':
        this.#acknowledged();
        return undefined;
      case 'INVITE':
        return {
          ...ok,
          headers: [['Contact', here]],
          contentType: 'application/sdp',
          body: this.#description(),
        };
      case 'REGISTER':
        return { ...ok, headers: [['Contact', `${request.first('contact') ?? here};expires=3600`]] };
      case 'BYE':
        this.#left();
        return ok;
      default:
        return ok;
    }
  }

  #description(): string {
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${this.#echoPort} RTP/AVP 8`,
      'a=rtpmap:8 PCMA/8000',
      'a=ptime:20',
      '',
    ].join('\r\n');
  }
}
