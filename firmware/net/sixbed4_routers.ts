/**
 * Who runs a 6bed4 router for us: the names of the configuration, else what DNS says of our domains,
 * `_6bed4._udp.<domain>` (RFC 2782). Nobody registered that service; it is named as others are.
 */
import { parseIp } from '#address/ip.ts';
import { learn } from '#sip/locate/answer.ts';
import type { DnsAnswer, DnsFailure, DnsRecord, Question, QuestionType, SrvRecord } from '#sip/locate/dns.ts';
import { mayHaveServices, normalName } from '#sip/locate/name.ts';

export const ROUTER_PORT = 25_790;
/** The tunnel asks so many at once. */
const MOST_ROUTERS = 8;
const MOST_DOMAINS = 8;

export type Ask = (question: Question) => Promise<DnsAnswer | DnsFailure>;

/** A router by name or IPv4 address, as the configuration has it. */
export interface RouterName {
  readonly host: string;
  readonly port: number;
}

/** `192.0.2.1`, `router.example.net:25790`; undefined: it is neither. The configuration takes the same and no other. */
export function routerName(text: string): RouterName | undefined {
  const [, host = '', port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? ROUTER_PORT : Number(port);
  const isHost = parseIp(host)?.family === 4 || (!/^[\d.]+$/.test(host) && normalName(host) !== undefined);
  return isHost && number >= 1 && number <= 65_535 ? { host, port: number } : undefined;
}

/**
 * `192.0.2.1:25790` for each router. `names`: looked up instead of domains. Undefined: nobody has told. The same
 * answers make the same list: all in it are asked at once, and weights (RFC 2782) have nothing to decide.
 */
export async function lookUpRouters(
  wanted: { readonly names: readonly RouterName[]; readonly domains: readonly string[] },
  ask: Ask,
): Promise<readonly string[] | undefined> {
  const search = new Search(ask);
  const found =
    wanted.names.length > 0
      ? await Promise.all(wanted.names.map(({ host, port }) => search.ends(host, port)))
      : await Promise.all(domainsIn(wanted.domains).map((domain) => search.service(domain)));
  const ends = [...new Set(found.flat())].slice(0, MOST_ROUTERS);
  return ends.length === 0 && search.failed ? undefined : ends;
}

/** Those that may have services, each once. */
function domainsIn(texts: readonly string[]): readonly string[] {
  const names = texts.flatMap((text) => (parseIp(text) === undefined ? (normalName(text) ?? []) : []));
  return [...new Set(names)].filter(mayHaveServices).slice(0, MOST_DOMAINS);
}

class Search {
  readonly #ask: Ask;
  /** Some question was not answered. */
  failed = false;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async service(domain: string): Promise<readonly string[]> {
    const { records, besides } = await this.#records({ name: `_6bed4._udp.${domain}`, type: 'SRV' });
    const servers = records.flatMap((record) => (record.type === 'SRV' ? [record] : []));
    const real = servers.filter(({ target, port }) => target !== '' && port !== 0).toSorted(byPriority);
    const asked = real.slice(0, MOST_ROUTERS);
    const ends = await Promise.all(asked.map(({ target, port }) => this.ends(target, port, besides)));
    return ends.flat();
  }

  async ends(host: string, port: number, known: readonly DnsRecord[] = []): Promise<readonly string[]> {
    if (parseIp(host)?.family === 4) return [`${host}:${port}`];
    const name = normalName(host);
    if (name === undefined) return [];
    const told = known.filter((record) => record.name === name);
    const records = told.length > 0 ? told : (await this.#records({ name, type: 'A' })).records;
    return records.flatMap((record) => (record.type === 'A' ? [`${record.address}:${port}`] : [])).toSorted();
  }

  /** `besides`: addresses of the targets that came with the answer. */
  async #records(question: { readonly name: string; readonly type: QuestionType }) {
    const answer = await this.#ask(question);
    if ('failure' in answer) {
      this.failed = true;
      return { records: [], besides: [] };
    }
    const [own, ...others] = learn(question, answer).map(({ known }) =>
      known.state === 'found' ? known.records : [],
    );
    return { records: own ?? [], besides: others.flat().filter(({ type }) => type === 'A') };
  }
}

/** And then by name: where there are too many, always the same ones are asked. */
function byPriority(a: SrvRecord, b: SrvRecord): number {
  return a.priority - b.priority || compared(a.target, b.target) || a.port - b.port;
}

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
