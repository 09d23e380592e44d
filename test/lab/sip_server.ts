/** A SIP server on a host of the laboratory, of which a test says what it refuses and asks what it heard. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/process.ts';
import type { Certificate } from './certificate.ts';
import type { Host } from './host.ts';
import type { Lab } from './lab.ts';

const RESPONDER = new URL('responder.ts', import.meta.url).pathname;

/** All that is not named is answered: REGISTER and OPTIONS with 200, INVITE with 180 and 200. */
export interface Behaviour {
  /** Addresses whose requests outside of dialogs get 503. */
  readonly refuse?: readonly string[];
  /** Methods that get no answer. */
  readonly ignore?: readonly string[];
  /** Seconds that REGISTER is good for; 3600 unless said otherwise. */
  readonly grants?: number;
  /** INVITE gets 302 with this Contact. */
  readonly redirect?: string;
  /** Contact of the 180 and 200 to INVITE, in place of the server's own. */
  readonly contact?: string;
  /** Record-Route of them, as if a proxy had been on the way. */
  readonly recordRoute?: string;
  /** Sends sound in calls; else it is mute, and nobody listens at the port that it names. */
  readonly speaks?: boolean;
  /** Address of `c=` in the answer. */
  readonly media?: string;
}

/** One request, retransmissions included. */
export interface Heard {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  readonly uri: string;
  readonly branch: string;
  readonly callId: string;
  readonly cseq: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Address of the server that it came to. */
  readonly local: string;
  /** Address of the client. */
  readonly from: string;
  /** The whole message, an octet a character. */
  readonly text: string;
}

export class SipServer {
  readonly host: Host;
  readonly #behaviour: string;
  readonly #log: string;
  readonly #refused: string[] = [];
  #current: Behaviour = {};

  private constructor(lab: Lab, host: Host) {
    this.host = host;
    this.#behaviour = join(lab.directory, `${host.name}-behaviour.json`);
    this.#log = join(lab.directory, `${host.name}-heard.jsonl`);
    writeFileSync(this.#log, '');
    this.behave({});
  }

  /** On UDP and TCP at port 5060, and with a certificate on TLS at 5061, at every address of the host. */
  static async start(lab: Lab, host: Host, tls?: Certificate): Promise<SipServer> {
    const server = new SipServer(lab, host);
    const files = [server.#behaviour, server.#log, '5060', tls?.certificate ?? '', tls?.key ?? ''];
    const process_ = host.run(process.execPath, [RESPONDER, ...files, ...host.addresses]);
    await until(
      `${host.name} serves SIP`,
      () => process_.output.includes('ready'),
      8000,
      () => process_.output,
    );
    return server;
  }

  /** From the next request on, in place of what was said before; who is refused stays so. */
  behave(behaviour: Behaviour): void {
    this.#current = { ...behaviour, refuse: [...this.#refused, ...(behaviour.refuse ?? [])] };
    // Renamed into its place: the responder never sees half of it.
    writeFileSync(`${this.#behaviour}.new`, JSON.stringify(this.#current));
    renameSync(`${this.#behaviour}.new`, this.#behaviour);
  }

  /** These callers get 503, from now on and for ever. */
  refuse(addresses: readonly string[]): void {
    this.#refused.push(...addresses);
    this.behave(this.#current);
  }

  get heard(): readonly Heard[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
  }
}
