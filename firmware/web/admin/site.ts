/**
 * The admin page's side of HTTP: its files and its interface below /admin/, whichever server a request came by. What is
 * static is everybody's and says nothing; what the interface says is for who proved to be the owner.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { split } from '../access.ts';
import type { PageFile } from '../files.ts';
import { type Answer, later, refusal, send } from './answers.ts';
import { bodyOf } from './body.ts';
import { SessionCookie } from './cookies.ts';
import { Door } from './door.ts';
import { CSRF_FIELD, foreignness, isSame, Rates } from './guard.ts';
import { LiveStreams } from './live.ts';
import { sourceOf } from './lockout.ts';
import type { Owner } from './owner.ts';
import { ROUTES, type Route } from './routes.ts';
import type { Session } from './sessions.ts';
import type { AdminControl, Moved } from './types.ts';

export const BASE = '/admin/';
const INTERFACE = '/admin/api/';
const EVENTS = 'GET events';

export interface SiteOptions {
  readonly control: AdminControl;
  readonly owner: Owner;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** The telephone has an owner from now on. */
  readonly claimed?: () => void;
  /** SHA-256 of the certificate of the moment. */
  readonly fingerprint: () => string | undefined;
  /** ms on a steady clock; default: the system's. */
  readonly clock?: () => number;
}

/** The server by which a request came. It has looked at the Host already. */
export interface Entrance {
  readonly secure: boolean;
  readonly port: number;
  /** Where the same server was before, in this run. */
  readonly formerPorts?: readonly number[];
  /** The handset's path, where it has the handset too. */
  readonly handset?: string;
}

export class AdminSite {
  readonly #options: SiteOptions;
  readonly #clock: () => number;
  readonly #door: Door;
  readonly #live: LiveStreams;
  readonly #rates: Rates;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#rates = new Rates(this.#clock());
    this.#live = new LiveStreams(options.control);
    this.#door = new Door({
      owner: options.owner,
      showPin: (pin) => options.control.showPin(pin && this.#shown(pin)),
      claimed: () => options.claimed?.(),
      ended: () => this.#live.sweep(),
      log: options.log,
      clock: this.#clock,
    });
  }

  get isClaimed(): boolean {
    return this.#door.isClaimed;
  }

  /** Shows the PIN now: for who starts the telephone in a terminal, without a way round by the page. */
  showPin(): void {
    this.#door.showPin();
  }

  /** Answers. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, entrance: Entrance): Promise<void> {
    const [path] = split(request.url ?? '');
    try {
      if (path.startsWith(INTERFACE)) await this.#interface(request, response, entrance);
      else send(response, this.#file(path, request.method), request.method !== 'HEAD');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log('warn', `the settings page: ${reason}`);
      if (response.headersSent) response.destroy();
      else send(response, refusal(500, 'impossible', `The telephone could not do it: ${reason}`));
    }
  }

  /** Tells whoever looks on. */
  moved(where: Moved): void {
    this.#live.moved(where);
  }

  close(): void {
    this.#live.close();
    this.#door.close();
  }

  #file(path: string, method = 'GET'): Answer {
    if (method !== 'GET' && method !== 'HEAD') return METHOD;
    const file = isAdmins(path) ? this.#options.files.get(path) : undefined;
    if (file === undefined) return refusal(404, 'not-found', 'Not found.');
    return {
      status: 200,
      headers: { 'Content-Type': file.type, 'Cache-Control': file.cache },
      body: file.body,
    };
  }

  async #interface(request: IncomingMessage, response: ServerResponse, entrance: Entrance): Promise<void> {
    const cookie = new SessionCookie(entrance.port, entrance.secure, entrance.formerPorts);
    const name = `${request.method} ${split(request.url ?? '')[0].slice(INTERFACE.length)}`;
    const source = sourceOf(request.socket.remoteAddress);
    const now = this.#clock();
    if (!this.#rates.take(source, now)) return send(response, later('too-many', 1000));
    const foreign = foreignness(request, entrance.secure);
    if (foreign !== undefined) return send(response, refusal(403, 'foreign', foreign));
    const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
    const session = this.#sessionOf(request, cookie);
    const closed = this.#closed(request, route, session);
    if (closed !== undefined) return send(response, closed);
    if (name === EVENTS && session !== undefined) return this.#events(response, session);
    if (route === undefined) return send(response, refusal(404, 'not-found', 'Not found.'));
    const body = await bodyOf(request, route.most);
    if (body === undefined) return send(response, TOO_LARGE);
    const fingerprint = entrance.secure ? this.#options.fingerprint() : undefined;
    const answer = await route.act({
      ...{ control: this.#options.control, door: this.#door, cookie, source, body, session },
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(entrance.handset === undefined ? {} : { handset: entrance.handset }),
    });
    send(response, this.#withNewToken(answer, session, cookie, request));
  }

  #sessionOf(request: IncomingMessage, cookie: SessionCookie): Session | undefined {
    const token = cookie.tokenOf(request);
    const deed = request.method === 'POST';
    return token === undefined ? undefined : this.#door.sessions.find(token, this.#clock(), deed);
  }

  /** Why this visitor gets no further; nobody learns which other routes there are. */
  #closed(
    request: IncomingMessage,
    route: Route | undefined,
    session: Session | undefined,
  ): Answer | undefined {
    if (route?.needs === 'nothing') return undefined;
    if (!this.#door.isClaimed) return refusal(403, 'unclaimed', 'This telephone has no owner yet.');
    if (session === undefined) return refusal(403, 'no-session', 'Log in first.');
    if (request.method === 'GET') return undefined;
    return isSame(request.headers[CSRF_FIELD], session.csrf)
      ? undefined
      : refusal(
          403,
          'foreign',
          'This did not come from the page that you are logged in with. Load it again.',
        );
  }

  #events(response: ServerResponse, session: Session): void {
    if (this.#live.isFull) send(response, later('too-many', 10_000));
    else this.#live.begin(response, () => this.#door.sessions.isOpen(session, this.#clock()));
  }

  #withNewToken(
    answer: Answer,
    session: Session | undefined,
    cookie: SessionCookie,
    request: IncomingMessage,
  ): Answer {
    if (session === undefined || answer.headers?.['Set-Cookie'] !== undefined) return answer;
    const token = this.#door.sessions.rotated(session, this.#clock()) ?? cookie.formerOf(request);
    if (token === undefined) return answer;
    return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie.set(token) } };
  }

  #shown({ digits, left }: { readonly digits: string; readonly left: number }) {
    const fingerprint = this.#options.fingerprint();
    return {
      pin: `${digits.slice(0, 4)} ${digits.slice(4)}`,
      until: Date.now() + left,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    };
  }
}

const METHOD = refusal(405, 'method', 'Only what the page does can be done.', { Allow: 'GET, HEAD' });
const TOO_LARGE = refusal(413, 'too-large', 'This is too much.', { Connection: 'close' });

/** The handset is not served here: on a board it is a real one, on a PC it has a server of its own. */
function isAdmins(path: string): boolean {
  return path.startsWith(BASE) || path.startsWith('/assets/') || path.startsWith('/favicon.');
}
