/**
 * `GET /metrics` for machines: whoever has the token of the configuration (`metrics.token`) reads the counters, and
 * nothing else. No browser sends this token by itself, so that neither Host nor Origin matter here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { split } from '../access.ts';
import { type Answer, later, refusal, send } from './answers.ts';
import { isSame } from './guard.ts';
import { Lockout, OF_TOKENS, sourceOf } from './lockout.ts';

export const METRICS = '/metrics';

export interface MetricsSource {
  /** Undefined: the metrics are served to nobody. */
  readonly token: () => string | undefined;
  /** The exposition. */
  readonly text: () => string;
}

/** Of Prometheus' text format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** RFC 6750 2.1. */
const BEARER = /^Bearer +([^\s]+) *$/i;

const NOT_FOUND = refusal(404, 'not-found', 'Not found.');
const METHOD = refusal(405, 'method', 'Metrics are read and nothing else.', { Allow: 'GET, HEAD' });
const UNAUTHORISED = refusal(
  401,
  'wrong',
  'Authorization: Bearer, with the token of metrics.token, is wanted.',
  {
    'WWW-Authenticate': 'Bearer realm="dualtone"',
  },
);

export class MetricsDoor {
  readonly #source: MetricsSource | undefined;
  readonly #clock: () => number;
  readonly #lockout = new Lockout({ perSource: OF_TOKENS });

  /** `clock`: ms on a steady clock. */
  constructor(source: MetricsSource | undefined, clock: () => number) {
    this.#source = source;
    this.#clock = clock;
  }

  /** False: the request is about something else. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (split(request.url ?? '')[0] !== METRICS) return false;
    send(response, this.#answer(request), request.method !== 'HEAD');
    return true;
  }

  #answer({ method, headers, socket }: IncomingMessage): Answer {
    const token = this.#source?.token();
    // An empty token, as of a file that could not be read, opens nothing.
    if (this.#source === undefined || token === undefined || token === '') return NOT_FOUND;
    if (method !== 'GET' && method !== 'HEAD') return METHOD;
    const source = sourceOf(socket.remoteAddress);
    const now = this.#clock();
    const ms = this.#lockout.wait(source, now);
    if (ms > 0) return later('locked-out', ms);
    this.#lockout.begin(source, now);
    const [, offered] = BEARER.exec(headers.authorization ?? '') ?? [];
    if (!isSame(offered, token)) return UNAUTHORISED;
    this.#lockout.passed(source);
    return { status: 200, headers: { 'Content-Type': CONTENT_TYPE }, body: this.#source.text() };
  }
}
