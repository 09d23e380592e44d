/** The media thread's end of the tunnel, played by the test, with somebody behind it who answers all that is asked. */
import { type Endpoint, textOf } from '#address/endpoint.ts';
import type { TunnelCommand, TunnelEvent, TunnelLink } from '#media/tunnel.ts';
import { MediaNegotiation } from '#sdp/offer_answer.ts';
import { sdpOf } from '#sip/message/body.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { writeResponse } from '#sip/message/write.ts';

export const ROUTER = '192.0.2.1:25790';

export interface Heard {
  readonly local: string;
  readonly remote: string;
  readonly message: SipMessage;
}

export class FakeTunnel implements TunnelLink {
  readonly commands: TunnelCommand[] = [];
  /** Requests that left through the tunnel, in order. */
  readonly heard: Heard[] = [];
  /** Our address by the router 192.0.2.66; undefined: it gives none. */
  guest: string | undefined;
  /** Answers nothing. */
  silent = false;
  #addresses: readonly string[] = [];
  #isUp = false;
  #listener: (event: TunnelEvent) => void = () => {};

  command(command: TunnelCommand): void {
    this.commands.push(command);
    if (command.kind === 'tunnel-close') setImmediate(() => this.down('off'));
    if (command.kind === 'tunnel-source') this.#source(command.request, command.remote);
    if (command.kind === 'tunnel-send') this.#sent(command);
  }

  onEvent(listener: (event: TunnelEvent) => void): void {
    this.#listener = listener;
  }

  tell(event: TunnelEvent): void {
    this.#listener(event);
  }

  up(...addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#isUp = true;
    this.tell({ kind: 'tunnel', state: 'up', addresses, router: ROUTER, direct: 0, relayed: 0 });
  }

  down(state: 'off' | 'waiting' = 'waiting'): void {
    this.#addresses = [];
    this.tell({ kind: 'tunnel', state, addresses: [], direct: 0, relayed: 0 });
  }

  /** The router answers no more; neighbours still do. */
  lose(): void {
    this.#isUp = false;
    this.tell({ kind: 'tunnel', state: 'lost', addresses: this.#addresses, direct: 0, relayed: 0 });
  }

  kinds(): string[] {
    return this.commands
      .map(({ kind }) => kind)
      .filter((kind) => !['tunnel-send', 'tunnel-source'].includes(kind));
  }

  requests(method: string): readonly Heard[] {
    return this.heard.filter(({ message }) => message.method === method);
  }

  #source(request: number, remote: string): void {
    const [own] = this.#addresses;
    const address = remote.startsWith('fc64:bed:c000:242:') ? (this.guest ?? own) : own;
    const answer = address === undefined || !this.#isUp ? {} : { address };
    setImmediate(() => this.tell({ kind: 'tunnel-source', request, ...answer }));
  }

  #sent({ octets, local, remote }: Extract<TunnelCommand, { kind: 'tunnel-send' }>): void {
    const message = readMessage(octets);
    if (message === undefined || message.kind === 'response') return;
    this.heard.push({ local, remote: textOf(remote), message });
    if (this.silent || message.method === 'ACK') return;
    const response = answerTo(message, remote);
    setImmediate(() => this.tell({ kind: 'tunnel-datagram', octets: response.octets, remote, local }));
  }
}

function answerTo(request: SipMessage, remote: Endpoint): SipMessage {
  const offer = request.method === 'INVITE' ? sdpOf(request) : undefined;
  const answer =
    offer === undefined
      ? undefined
      : new MediaNegotiation({ sessionId: 1 }).answer(offer, () => ({
          address: { family: 6, address: remote.address },
          port: 40_000,
          codecs: ['pcma'],
          direction: 'sendrecv',
          packetTime: 20,
        }));
  const body =
    answer !== undefined && 'sdp' in answer
      ? ({ body: answer.sdp, contentType: 'application/sdp' } as const)
      : {};
  return writeResponse(request, {
    status: 200,
    ...(request.toTag === undefined ? { toTag: 'there' } : {}),
    headers: [
      ['Contact', `<sip:bob@${textOf(remote)}>`],
      ['Expires', '600'],
    ],
    ...body,
  });
}
