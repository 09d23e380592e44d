/** What an open page is told as it happens: one stream of events for each, which ends with its session. */
import type { ServerResponse } from 'node:http';
import { CUT_OFF_BACKLOG, TRACE_BACKLOG } from '../limits.ts';
import { beginEvents } from './answers.ts';
import type { AdminControl, AdminNews, Moved } from './types.ts';

export const MOST_STREAMS = 8;
/** Status changes many times a second while a call is set up; eyes need four, and counters one in five seconds. */
const STATUS_EVERY_MS = 250;
const STATUS_AT_LEAST_MS = 5000;

export class LiveStreams {
  readonly #control: AdminControl;
  readonly #streams = new Set<Stream>();

  constructor(control: AdminControl) {
    this.#control = control;
  }

  get isFull(): boolean {
    return this.#streams.size >= MOST_STREAMS;
  }

  /** `isOpen`: whether its session is. */
  begin(response: ServerResponse, isOpen: () => boolean): void {
    beginEvents(response);
    const stream = new Stream(response, this.#control, isOpen);
    this.#streams.add(stream);
    response.on('close', () => {
      this.#streams.delete(stream);
      stream.stop();
    });
  }

  /** Ends the streams whose session has ended. */
  sweep(): void {
    for (const stream of this.#streams) stream.look();
  }

  moved(where: Moved): void {
    for (const stream of this.#streams) stream.moved(where);
  }

  close(): void {
    for (const stream of this.#streams) stream.end();
  }
}

class Stream {
  readonly #response: ServerResponse;
  readonly #control: AdminControl;
  readonly #isOpen: () => boolean;
  readonly #unsubscribe: () => void;
  readonly #refresh: NodeJS.Timeout;
  #pending: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, control: AdminControl, isOpen: () => boolean) {
    this.#response = response;
    this.#control = control;
    this.#isOpen = isOpen;
    this.#send('status', control.status());
    this.#send('neighbours', control.neighbours());
    this.#send('server', control.server());
    this.#send('traces', control.trace().slice(-TRACE_BACKLOG));
    this.#send('lines', control.log());
    this.#unsubscribe = control.subscribe((news) => this.#tell(news));
    this.#refresh = setInterval(() => {
      this.look();
      this.#statusSoon();
    }, STATUS_AT_LEAST_MS).unref();
  }

  look(): void {
    if (!this.#isOpen()) this.end();
  }

  moved(where: Moved): void {
    this.#send('moved', where);
  }

  end(): void {
    this.#send('end', null);
    this.#response.end();
    this.stop();
  }

  stop(): void {
    this.#unsubscribe();
    clearInterval(this.#refresh);
    clearTimeout(this.#pending);
  }

  #tell(news: AdminNews): void {
    if (news.kind === 'status') this.#statusSoon();
    else if (news.kind === 'neighbours') this.#send('neighbours', this.#control.neighbours());
    else if (news.kind === 'server') this.#send('server', this.#control.server());
    else if (news.kind === 'config') this.#send('config', null);
    else if (news.kind === 'trace') this.#send('traces', [news.entry]);
    else this.#send('lines', [news.line]);
  }

  #statusSoon(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      this.#send('status', this.#control.status());
    }, STATUS_EVERY_MS).unref();
  }

  /** JSON has no line ends of its own, which would end the event. */
  #send(event: string, value: unknown): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > CUT_OFF_BACKLOG) this.#response.destroy();
    else this.#response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  }
}
