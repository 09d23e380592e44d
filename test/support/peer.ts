/** A SIP peer of whom the test writes every message: it hears all, answers nothing by itself. */
import type { Endpoint } from '#address/endpoint.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type HeaderLine, type ResponseParts, writeResponse } from '#sip/message/write.ts';
import type { Flow, Transport } from '#sip/types.ts';
import type { Wire } from './wire.ts';

export interface RequestText {
  readonly method: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
  /** Default: the peer's own address. */
  readonly contact?: string | null;
}

export class Peer {
  readonly local: Endpoint;
  readonly heard: SipMessage[] = [];
  /** OPTIONS that go no further are answered as a proxy does, and not kept. */
  answersProbes = false;
  probes = 0;
  /** Called for each message. */
  on: (message: SipMessage, flow: Flow) => void = () => {};
  readonly #wire: Wire;
  readonly #to: Endpoint;
  #count = 0;

  constructor(wire: Wire, address: string, to: Endpoint, port = 5060) {
    this.local = { family: address.includes(':') ? 6 : 4, address, port };
    this.#wire = wire;
    this.#to = to;
    wire.attach(this.local, (octets, flow) => {
      const message = readMessage(octets);
      if (message === undefined || this.#isProbe(message)) return;
      this.heard.push(message);
      this.on(message, flow);
    });
  }

  #isProbe(message: SipMessage): boolean {
    if (!this.answersProbes || message.kind === 'response') return false;
    if (message.method !== 'OPTIONS' || message.first('max-forwards') !== '0') return false;
    this.probes += 1;
    this.reply(message, { status: 483, toTag: 'probe' });
    return true;
  }

  get flow(): Flow {
    return { transport: 'udp', local: this.local, remote: this.#to };
  }

  say(text: string | Uint8Array, transport: Transport = 'udp'): void {
    const octets = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    this.#wire.send({ ...this.flow, transport }, octets, () => {});
  }

  /** Sends a request outside of any dialog, or inside when tags are given. Returns its text. */
  ask(parts: RequestText): string {
    const text = this.text(parts);
    this.say(text);
    return text;
  }

  text(parts: RequestText): string {
    this.#count += 1;
    const { address, port } = this.local;
    const { method, body = '', cseq = this.#count } = parts;
    const to = parts.toTag === undefined ? '' : `;tag=${parts.toTag}`;
    const contact = parts.contact === undefined ? `<sip:peer@${address}:${port}>` : parts.contact;
    const lines = [
      `${method} ${parts.uri ?? `sip:agent@${this.#to.address}`} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${port};branch=${parts.branch ?? `z9hG4bKpeer${this.#count}`};rport`,
      'Max-Forwards: 70',
      `From: <sip:peer@${address}>;tag=${parts.fromTag ?? 'peer'}`,
      `To: <sip:agent@${this.#to.address}>${to}`,
      `Call-ID: ${parts.callId ?? 'peer-call'}`,
      `CSeq: ${cseq} ${method}`,
      ...(contact === null ? [] : [`Contact: ${contact}`]),
      ...(parts.headers ?? []).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  }

  reply(request: SipMessage, parts: ResponseParts): void {
    this.say(writeResponse(request, parts).octets);
  }

  /** The last message heard that has this method (of its CSeq for a response) and, if given, status. */
  last(method: string, status?: number): SipMessage | undefined {
    return this.heard.findLast(
      (message) => message.method === method && (status === undefined || message.status === status),
    );
  }

  /** Statuses heard to a method, 100 left out. */
  statuses(method: string): number[] {
    return this.heard
      .filter((message) => message.kind === 'response' && message.method === method && message.status > 100)
      .map(({ status }) => status);
  }

  /** Methods of requests heard. */
  get methods(): string[] {
    return this.heard.filter(({ kind }) => kind === 'request').map(({ method }) => method);
  }
}

export const SDP: HeaderLine = ['Content-Type', 'application/sdp'];
