/**
 * The ACK for a 2xx: a request of its own without transaction, built once for a dialog and sent for each 2xx that
 * comes (RFC 3261 13.2.2.4). Where the dialog's way needs a transport that we lack, it goes back by the flow of its
 * INVITE: that does not end a call which nobody has to send anything in, and spares the peer 32 s of repeating.
 */
import { textOf } from '#address/endpoint.ts';
import type { Core } from '../core.ts';
import { type Identity, sentBy } from '../identity.ts';
import type { SipMessage } from '../message/message.ts';
import { type HeaderLine, writeRequest } from '../message/write.ts';
import { flowOfHop } from '../request/flow_reuse.ts';
import type { Exchange } from '../request/request.ts';
import type { Flow } from '../types.ts';
import type { Dialog } from './dialog.ts';

/** Good enough for a Request-URI. */
const IS_URI = /^[a-z][a-z\d+.-]*:[\x21-\x7e]+$/i;

export class Acknowledgement {
  readonly #core: Core;
  #sent: { readonly flow: Flow; readonly octets: Uint8Array } | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Sends the first one, with the answer if the 2xx was the offer; `failed`: there is no way to send it. */
  send(
    { request, flow }: Exchange,
    dialog: Dialog,
    identity: Identity,
    sdp: string | undefined,
    failed: (reason: string) => void,
  ): void {
    const target = dialog.target(identity.account?.family);
    const { uri, routes } = 'unroutable' in target ? dialog.way : target;
    if ('unroutable' in target && !IS_URI.test(uri)) {
      failed(target.unroutable);
      return;
    }
    const sendBy = (by: Flow) => {
      const headers: HeaderLine[] = [
        [
          'Via',
          `SIP/2.0/${by.transport.toUpperCase()} ${sentBy(by.local)};branch=z9hG4bK${this.#core.random()};rport`,
        ],
        ['Max-Forwards', '70'],
        ...routes.map((route): HeaderLine => ['Route', route]),
        ['From', dialog.from],
        ['To', dialog.to],
        ['Call-ID', dialog.callId],
        ['CSeq', `${request.cseq?.number ?? 0} ACK`],
        ...credentialsOf(request),
        this.#core.userAgent,
      ];
      const content = sdp === undefined ? {} : { body: sdp, contentType: 'application/sdp' };
      const { octets } = writeRequest({ method: 'ACK', uri, headers, ...content });
      this.#sent = { flow: by, octets };
      this.again();
    };
    if ('unroutable' in target) {
      sendBy(flow);
      return;
    }
    const known = flowOfHop(target.hop, flow);
    if (known !== undefined) sendBy(known);
    else
      this.#core.locate(target.hop, ({ groups, error }) => {
        const found = nearest(groups.flat(), flow);
        if (found === undefined) failed(error ?? `${target.hop.host} has no address`);
        else sendBy(found);
      });
  }

  /** The 2xx came again: the ACK was lost, or is late. */
  again(): void {
    if (this.#sent !== undefined) this.#core.emit({ kind: 'send', ...this.#sent, ref: 'ack' });
  }
}

/** The flow that the INVITE took, else one of its family: that way somebody answered just now. */
function nearest(flows: readonly Flow[], { transport, remote }: Flow): Flow | undefined {
  const same = flows.filter((each) => each.remote.family === remote.family);
  const there = same.find((each) => each.transport === transport && textOf(each.remote) === textOf(remote));
  return there ?? same[0] ?? flows[0];
}

/** 13.2.2.4: the ACK shows the same credentials as its INVITE; nobody can challenge it. */
function credentialsOf(request: SipMessage): HeaderLine[] {
  return ['authorization', 'proxy-authorization'].flatMap((name) =>
    request.fields(name).map((value): HeaderLine => [name, value]),
  );
}
