/** A registrar and proxy's worth of server for tests: digest (RFC 8760), bindings, and whatever ails it. */
import type { SipMessage } from '#sip/message/message.ts';
import { parseNameAddr } from '#sip/message/name_addr.ts';
import type { HeaderLine } from '#sip/message/write.ts';
import { isAuthorized } from './authenticator.ts';
import { Peer } from './peer.ts';

export class Registrar extends Peer {
  /** Contact to seconds, as last granted; removed ones are gone. */
  readonly bindings = new Map<string, number>();
  /** Password asked for; undefined: nobody is asked. */
  password: string | undefined;
  /** Algorithms offered, each in a challenge of its own. */
  algorithms: readonly string[] = ['MD5'];
  asksAs: 'server' | 'proxy' = 'server';
  nonce = 'nonce-1';
  /** Nonces that were good once. */
  readonly stale = new Set<string>();
  /** Shortest and longest time granted, in seconds. */
  least = 0;
  most = 3600;
  /** Answers with this status instead. */
  broken: number | undefined;
  /** Answers nothing at all. */
  silent = false;
  /** REGISTERs heard, by time of arrival. */
  readonly times: number[] = [];
  now: () => number = () => 0;

  override on = (message: SipMessage): void => {
    if (message.kind === 'response' || message.method === 'ACK') return;
    if (message.method === 'REGISTER') this.times.push(this.now());
    if (!this.silent) this.#serve(message);
  };

  #serve(request: SipMessage): void {
    if (this.broken !== undefined) this.reply(request, { status: this.broken, toTag: 'r' });
    else if (!this.#knows(request)) this.#challenge(request);
    else if (request.method === 'REGISTER') this.#register(request);
  }

  #knows(request: SipMessage): boolean {
    if (this.password === undefined) return true;
    const field = this.asksAs === 'server' ? 'authorization' : 'proxy-authorization';
    return request
      .fields(field)
      .some(
        (authorization) =>
          authorization.includes(`nonce="${this.nonce}"`) &&
          isAuthorized(
            { method: request.method, authorization, body: request.body },
            { username: 'alice', password: this.password ?? '' },
          ),
      );
  }

  #challenge(request: SipMessage): void {
    const [status, field] =
      this.asksAs === 'server' ? [401, 'WWW-Authenticate'] : [407, 'Proxy-Authenticate'];
    const used = `${request.first('authorization')} ${request.first('proxy-authorization')}`;
    const stale = [...this.stale].some((nonce) => used.includes(`nonce="${nonce}"`)) ? ', stale=TRUE' : '';
    const headers = this.algorithms.map(
      (algorithm): HeaderLine => [
        `${field}`,
        `Digest realm="example.test", nonce="${this.nonce}", algorithm=${algorithm}, qop="auth"${stale}`,
      ],
    );
    this.reply(request, { status: Number(status), toTag: 'r', headers });
  }

  #register(request: SipMessage): void {
    const asked = Number(request.first('expires') ?? 3600);
    if (asked > 0 && asked < this.least) {
      this.reply(request, { status: 423, toTag: 'r', headers: [['Min-Expires', String(this.least)]] });
      return;
    }
    for (const value of request.values('contact')) {
      const contact = parseNameAddr(value);
      const granted = Math.min(Number(contact?.params.text('expires') ?? asked), this.most);
      if (granted > 0) this.bindings.set(contact?.uri ?? '', granted);
      else this.bindings.delete(contact?.uri ?? '');
    }
    const others: HeaderLine[] = [['Contact', '<sip:other@192.0.2.99>;expires=7']];
    const bound = [...this.bindings].map(([uri, s]): HeaderLine => ['Contact', `<${uri}>;expires=${s}`]);
    this.reply(request, { status: 200, toTag: 'r', headers: [...others, ...bound] });
  }
}
