/**
 * What the figures of the four transactions are made of: states, what can happen, what is done about it. The figures
 * stand in client_invite.ts, client_request.ts, server_invite.ts and
 * server_request.ts; run.ts carries them out. Names are those of RFC 3261's figures 5–8 as
 * replaced by RFC 6026.
 */
import type { SipMessage } from '../message/message.ts';
import type { Via } from '../message/via.ts';
import type { Timer } from '../timers.ts';
import type { Flow } from '../types.ts';
import type { TimerName } from './timer_table.ts';

export type State =
  | 'Initial'
  | 'Calling'
  | 'Trying'
  | 'Proceeding'
  | 'Accepted'
  | 'Completed'
  | 'Confirmed'
  | 'Terminated';

/**
 * What can happen to a transaction. `request` comes from the TU to a client and from the wire to a server, statuses
 * the other way round.
 */
export type Happening =
  | 'request'
  | 'ACK'
  | '1xx'
  | '2xx'
  | '300-699'
  | 'transport error'
  | 'cancel'
  | 'abandon'
  | 'release'
  | `timer ${TimerName}`;

export type Action =
  | 'send request'
  | 'send ACK'
  | 'send ACK again'
  | 'send 100'
  | 'send response'
  | 'send response again'
  | 'request to TU'
  | 'ACK to TU'
  | 'response to TU'
  | 'stray response to TU'
  | 'confirmation to TU'
  | 'timeout to TU'
  | 'error to TU'
  | `start ${TimerName}`
  | 'restart A'
  | 'restart E'
  | 'restart E at T2'
  | 'restart G'
  | 'stop A'
  | 'stop B'
  | 'stop E'
  | 'stop G'
  | 'stop 100';

/** One arrow of a figure: where it leads (absent: back to where it began) and what is done on the way. */
export interface Arrow {
  readonly to?: State;
  readonly actions: readonly Action[];
}

/** A whole figure. What has no arrow in a state is ignored there. */
export type Figure = Readonly<Partial<Record<State, Readonly<Partial<Record<Happening, Arrow>>>>>>;

export function go(to: State, ...actions: Action[]): Arrow {
  return { to, actions };
}

export function stay(...actions: Action[]): Arrow {
  return { actions };
}

/** One transaction alive. */
export class Transaction {
  readonly key: string;
  readonly figure: Figure;
  /** Top Via of the request that made it. */
  readonly via: Via | undefined;
  /** That request, until a final response is there: thousands of transactions only wait for late repetitions. */
  request: SipMessage | undefined;
  /** Where it sends. */
  flow: Flow;
  state: State = 'Initial';
  /** What it sends again: the ACK of a client, the last response of a server. */
  last: SipMessage | undefined = undefined;
  /** A server's: how copies that came by other ways are found (8.2.2.2). */
  mergeKey: string | undefined = undefined;
  /** A server's: where it goes on when the connection that the request came by is gone (18.2.2). */
  backup: Flow | undefined = undefined;
  /** A, E, G or 100, and its present interval in ms. */
  repeat: Timer<Due> | undefined = undefined;
  interval = 0;
  /** Any other timer: one that limits the state. At most one runs, so starting one stops the one before. */
  limit: Timer<Due> | undefined = undefined;

  constructor(key: string, figure: Figure, request: SipMessage, flow: Flow) {
    this.key = key;
    this.figure = figure;
    this.via = request.via;
    this.request = request;
    this.flow = flow;
  }
}

/** What a timer carries: whose it is, and its name at present. */
export interface Due {
  readonly transaction: Transaction;
  name: TimerName;
}
