/**
 * Whether somebody is there, found out without bothering anybody with a request: over UDP by OPTIONS with
 * `Max-Forwards: 0`, to which every final response is as good (483 of a proxy, 200 of a user agent, 401, 404 …),
 * over a stream by the connection, unless it stands already and the question is whether it still does.
 *
 * The From is that of our account and the Request-URI has no user part, because some servers note who else asks.
 */
import type { ClientUser, Core, PathUser } from '../core.ts';
import { type Identity, sentBy } from '../identity.ts';
import type { SipMessage } from '../message/message.ts';
import { type HeaderLine, writeRequest } from '../message/write.ts';
import type { Timer } from '../timers.ts';
import type { Flow } from '../types.ts';

/** ms; three times as long as the first retransmission takes. */
const PATIENCE = 1_500;

/** Hears of one of these, and then calls `stop`. */
export interface ProbeUser {
  answered(): void;
  /** A hard error: refused, unreachable, no route. */
  failed(error: string): void;
  silent(): void;
}

export interface ProbeParts {
  readonly flow: Flow;
  readonly identity: Identity;
  /** `sip:example.com` */
  readonly uri: string;
  /** OPTIONS on a stream too. */
  readonly byOptions?: boolean;
  /** ms */
  readonly patience?: number;
}

export class Probe {
  /** By OPTIONS, not by a connection. */
  readonly byOptions: boolean;
  readonly #core: Core;
  readonly #timer: Timer<() => void>;
  readonly #release: () => void;

  constructor(
    core: Core,
    { flow, identity, uri, byOptions, patience = PATIENCE }: ProbeParts,
    user: ProbeUser,
  ) {
    this.byOptions = byOptions === true || flow.transport === 'udp';
    this.#core = core;
    this.#timer = core.after(patience, () => user.silent());
    const heard: PathUser = {
      connected: () => {
        core.stop(this.#timer);
        user.answered();
      },
      failed: (error) => {
        core.stop(this.#timer);
        user.failed(error);
      },
    };
    this.#release = this.byOptions
      ? ask(core, optionsRequest(core, flow, identity, uri), flow, heard)
      : core.connect(flow, heard);
  }

  /** Nobody wants to know any more, and a connection that nobody has used is closed. */
  stop(): void {
    this.#core.stop(this.#timer);
    this.#release();
  }
}

function ask(core: Core, request: SipMessage, flow: Flow, heard: PathUser): () => void {
  const user: ClientUser = {
    response: ({ status }) => {
      if (status >= 200) heard.connected();
    },
    timeout() {},
    failed: (error) => heard.failed(error),
    terminated() {},
  };
  const key = core.request(request, flow, user);
  return () => core.release(key);
}

export function optionsRequest(core: Core, flow: Flow, identity: Identity, uri: string): SipMessage {
  const via = `SIP/2.0/${flow.transport.toUpperCase()} ${sentBy(flow.local)}`;
  const headers: HeaderLine[] = [
    ['Via', `${via};branch=z9hG4bK${core.random()};rport`],
    ['Max-Forwards', '0'],
    ['From', `${identity.from(flow)};tag=${core.random()}`],
    ['To', `<${uri}>`],
    ['Call-ID', core.random()],
    ['CSeq', '1 OPTIONS'],
    ['Contact', identity.contact(flow)],
    core.userAgent,
  ];
  return writeRequest({ method: 'OPTIONS', uri, headers });
}
