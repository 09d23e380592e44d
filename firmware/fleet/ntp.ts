/**
 * Asks time servers (RFC 5905 14, over IPv6 and IPv4) and tells how far our clock is off. All servers are asked at
 * once; the middle one of what they say counts, so that one of three may lie.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { NTP_PORT, type NtpAnswer, ntpQuestion, readNtpAnswer } from './ntp_packet.ts';
import { type ServerName, serverName } from './server_name.ts';

export interface NtpOptions {
  /** `HOST[:PORT]`. */
  readonly servers: readonly string[];
  /** ms to add to our clock; told after each round in which anybody answered. */
  readonly offset: (ms: number, from: number) => void;
  /** Nobody answered, or a server wants to be left alone. */
  readonly trouble: (text: string) => void;
}

const ANSWER_MS = 2000;
/** Between rounds, ms: until the first answer ever longer, then as the servers' operators ask for (RFC 4330 10). */
const FIRST_ROUNDS = [2000, 4000, 8000, 16_000, 32_000, 64_000] as const;
const ROUND_MS = 1_024_000;
const MOST_SERVERS = 8;
/** Of one name. */
const MOST_ADDRESSES = 2;

export class Ntp {
  readonly #options: NtpOptions;
  readonly #servers: ServerName[];
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: NtpOptions) {
    this.#options = options;
    this.#servers = options.servers
      .flatMap((text) => serverName(text, NTP_PORT) ?? [])
      .slice(0, MOST_SERVERS);
  }

  start(): void {
    if (this.#servers.length > 0) void this.#round();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    const answers = (await Promise.all(this.#servers.map((server) => this.#ask(server)))).flat();
    if (this.#closed) return;
    const offsets = answers.flatMap((answer) => ('offset' in answer ? [answer.offset] : []));
    offsets.sort((a, b) => a - b);
    const middle = offsets[Math.floor((offsets.length - 1) / 2)];
    if (middle === undefined) this.#failed(answers);
    else {
      this.#failures = 0;
      this.#options.offset(middle, offsets.length);
      this.#again(ROUND_MS);
    }
  }

  #failed(answers: readonly NtpAnswer[]): void {
    const why = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
    if (this.#failures === 0) this.#options.trouble(`no time server answers: ${why.join('; ') || 'silence'}`);
    const leaveAlone = answers.some((answer) => 'leaveAlone' in answer && answer.leaveAlone);
    this.#again(leaveAlone ? ROUND_MS : (FIRST_ROUNDS[this.#failures] ?? ROUND_MS));
    this.#failures += 1;
  }

  #again(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#round(), ms).unref();
  }

  async #ask({ host, port }: ServerName): Promise<readonly NtpAnswer[]> {
    try {
      const addresses = await lookup(host, { all: true });
      const asked = addresses
        .slice(0, MOST_ADDRESSES)
        .map(({ address, family }) => ask(address, family, port));
      return await Promise.all(asked);
    } catch (error) {
      return [refusal(error)];
    }
  }
}

function refusal(error: unknown): NtpAnswer {
  return { refused: error instanceof Error ? error.message : String(error), leaveAlone: false };
}

/** One question and what comes of it. */
function ask(address: string, family: number, port: number): Promise<NtpAnswer> {
  return new Promise((resolve) => {
    const nonce = randomBytes(8);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4').unref();
    const end = (answer: NtpAnswer): void => {
      clearTimeout(late);
      socket.removeAllListeners('message');
      socket.close();
      resolve(answer);
    };
    const late = setTimeout(() => end({ refused: 'silence', leaveAlone: false }), ANSWER_MS).unref();
    socket.once('error', (error) => end(refusal(error)));
    // Connected, only that server's datagrams arrive, and its ICMP errors do.
    socket.connect(port, address, () => {
      const sent = Date.now();
      socket.on('message', (octets) => {
        const answer = readNtpAnswer(octets, nonce, sent, Date.now());
        if (!('refused' in answer) || answer.refused !== 'no answer of ours') end(answer);
      });
      socket.send(ntpQuestion(nonce));
    });
  });
}
