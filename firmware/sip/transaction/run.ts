/** Carries out the figures of the transactions: something happens, its arrow is found, the actions on it are done. */
import type { SipMessage } from '../message/message.ts';
import { type HeaderLine, writeRequest, writeResponse } from '../message/write.ts';
import { Timers } from '../timers.ts';
import type { Flow } from '../types.ts';
import { topVia } from './response_flow.ts';
import { type TimerName, type TimerTable, type Timing, timerTable } from './timer_table.ts';
import type { Action, Due, Happening, Transaction } from './transaction.ts';
import type { TransactionEvent } from './transactions.ts';

/** What comes with a happening. */
export interface Occasion {
  /** The request or response that came, or that the TU gave. */
  readonly message?: SipMessage;
  /** The way it came. */
  readonly flow?: Flow;
  /** What a new server transaction tells the TU. */
  readonly news?: TransactionEvent;
  /** Of the transport. */
  readonly error?: string;
}

const NOTHING: Occasion = {};

export class Runner {
  readonly timers = new Timers<Due>();
  readonly timing: Timing;
  /** ms; when the present input happens. */
  now = 0;
  /** What the present input leads to. */
  events: TransactionEvent[] = [];
  readonly #reliable: TimerTable;
  readonly #unreliable: TimerTable;
  /** Told of each transaction that reaches Terminated. */
  readonly #terminated: (transaction: Transaction) => void;
  /** The timer that was started just now and takes no time. */
  #over: TimerName | undefined;

  constructor(timing: Timing, terminated: (transaction: Transaction) => void) {
    this.timing = timing;
    this.#reliable = timerTable(timing, true);
    this.#unreliable = timerTable(timing, false);
    this.#terminated = terminated;
  }

  fire(transaction: Transaction, happening: Happening, occasion = NOTHING): void {
    const arrow = transaction.figure[transaction.state]?.[happening];
    if (arrow === undefined) return;
    if (arrow.to !== undefined) transaction.state = arrow.to;
    this.#over = undefined;
    for (const action of arrow.actions) DEEDS[action](this, transaction, occasion);
    if (arrow.to === 'Accepted' || arrow.to === 'Completed') transaction.request = undefined;
    if (this.#over !== undefined) this.fire(transaction, `timer ${this.#over}`);
    else if (transaction.state === 'Terminated') this.#end(transaction);
  }

  /** Fires what is due by now. */
  tick(): void {
    for (let due = this.timers.due(this.now); due !== undefined; due = this.timers.due(this.now)) {
      this.fire(due.transaction, `timer ${due.name}`);
    }
  }

  send(transaction: Transaction, message: SipMessage | undefined): void {
    if (message === undefined) return;
    const { flow, key } = transaction;
    this.events.push({ kind: 'send', flow, octets: message.octets, ref: key });
  }

  /** Starts one of the timers that send again, or sets it to its next interval. */
  repeat(transaction: Transaction, name: TimerName, ms = this.#table(transaction)[name]): void {
    if (ms === Number.POSITIVE_INFINITY) return;
    const due = transaction.repeat?.for ?? { transaction, name };
    due.name = name;
    transaction.interval = ms;
    transaction.repeat = this.timers.set(due, this.now + ms, transaction.repeat);
  }

  /** Starts one of the timers that end a state. */
  limit(transaction: Transaction, name: TimerName): void {
    const ms = this.#table(transaction)[name];
    if (ms === 0) {
      this.#over = name;
      return;
    }
    const due = transaction.limit?.for ?? { transaction, name };
    due.name = name;
    transaction.limit = this.timers.set(due, this.now + ms, transaction.limit);
  }

  #table(transaction: Transaction): TimerTable {
    return transaction.flow.transport === 'udp' ? this.#unreliable : this.#reliable;
  }

  #end(transaction: Transaction): void {
    this.timers.clear(transaction.repeat);
    this.timers.clear(transaction.limit);
    this.#terminated(transaction);
    this.events.push({ kind: 'terminated', key: transaction.key });
  }
}

type Deed = (run: Runner, transaction: Transaction, occasion: Occasion) => void;

const sendLast: Deed = (run, transaction) => run.send(transaction, transaction.last);
const stopRepeat: Deed = (run, transaction) => run.timers.clear(transaction.repeat);

function report(kind: 'ack' | 'stray-response'): Deed {
  return (run, _, { message, flow }) => {
    if (message !== undefined && flow !== undefined) run.events.push({ kind, message, flow });
  };
}

function repeat(name: TimerName): Deed {
  return (run, transaction) => run.repeat(transaction, name);
}

function limit(name: TimerName): Deed {
  return (run, transaction) => run.limit(transaction, name);
}

const DEEDS: Readonly<Record<Action, Deed>> = {
  'send request': (run, transaction) => run.send(transaction, transaction.request),
  'send ACK': (run, transaction, { message }) => {
    const { request } = transaction;
    if (request !== undefined && message !== undefined) transaction.last = ackFor(request, message);
    sendLast(run, transaction, NOTHING);
  },
  'send 100': (run, transaction) => {
    const { request, flow } = transaction;
    if (request !== undefined) transaction.last = trying(request, flow);
    sendLast(run, transaction, NOTHING);
  },
  'send response': (run, transaction, { message }) => {
    transaction.last = message;
    sendLast(run, transaction, NOTHING);
  },
  'send ACK again': sendLast,
  'send response again': sendLast,

  'request to TU': (run, _, { news }) => {
    if (news !== undefined) run.events.push(news);
  },
  'response to TU': (run, { key }, { message, flow }) => {
    if (message !== undefined && flow !== undefined)
      run.events.push({ kind: 'response', key, message, flow });
  },
  'ACK to TU': report('ack'),
  'stray response to TU': report('stray-response'),
  'confirmation to TU': (run, { key }) => run.events.push({ kind: 'confirmed', key }),
  'timeout to TU': (run, { key }) => run.events.push({ kind: 'timeout', key }),
  'error to TU': (run, { key }, { error = 'transport error' }) =>
    run.events.push({ kind: 'failed', key, error }),

  'start A': repeat('A'),
  'start B': limit('B'),
  'start D': limit('D'),
  'start E': repeat('E'),
  'start F': limit('F'),
  'start G': repeat('G'),
  'start H': limit('H'),
  'start I': limit('I'),
  'start J': limit('J'),
  'start K': limit('K'),
  'start L': limit('L'),
  'start M': limit('M'),
  'start 100': repeat('100'),
  'restart A': (run, transaction) => run.repeat(transaction, 'A', 2 * transaction.interval),
  'restart E': (run, transaction) =>
    run.repeat(transaction, 'E', Math.min(2 * transaction.interval, run.timing.T2)),
  'restart E at T2': (run, transaction) => run.repeat(transaction, 'E', run.timing.T2),
  'restart G': (run, transaction) =>
    run.repeat(transaction, 'G', Math.min(2 * transaction.interval, run.timing.T2)),
  'stop A': stopRepeat,
  'stop B': (run, transaction) => run.timers.clear(transaction.limit),
  'stop E': stopRepeat,
  'stop G': stopRepeat,
  'stop 100': stopRepeat,
};

/** The ACK for a response of 300–699 (17.1.1.3). */
function ackFor(invite: SipMessage, response: SipMessage): SipMessage {
  const headers: HeaderLine[] = [['Via', invite.first('via') ?? '']];
  for (const route of invite.fields('route')) headers.push(['Route', route]);
  headers.push(
    ['Max-Forwards', '70'],
    ['From', invite.first('from') ?? ''],
    ['To', response.first('to') ?? ''],
    ['Call-ID', invite.callId],
    ['CSeq', `${invite.cseq?.number ?? 0} ACK`],
  );
  return writeRequest({ method: 'ACK', uri: invite.uri, headers });
}

/** The 100 for a request: without To tag, with its Timestamp (8.2.6.1, 17.2.1). */
function trying(request: SipMessage, flow: Flow): SipMessage {
  const timestamp = request.first('timestamp');
  return writeResponse(request, {
    status: 100,
    headers: timestamp === undefined ? [] : [['Timestamp', timestamp]],
    topVia: topVia(request.via, flow),
  });
}
