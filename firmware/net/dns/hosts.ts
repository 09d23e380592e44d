/** /etc/hosts: what it says of a name counts before any name server is asked. */
import { type IpAddress, parseIp } from '#address/ip.ts';
import type { DnsAnswer, Question } from '#sip/locate/dns.ts';
import { normalName } from '#sip/locate/name.ts';
import { SystemFile } from './file.ts';

export type Hosts = ReadonlyMap<string, readonly IpAddress[]>;

/** Seconds: whoever edits the file need not wait long. */
const TTL = 5;

/** hosts(5): an address and its names, a line each; `#` begins a comment. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, IpAddress[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const ip = parseIp(address);
    if (ip === undefined) continue;
    for (const name of names.flatMap((each) => normalName(each) ?? [])) {
      const known = hosts.get(name);
      if (known === undefined) hosts.set(name, [ip]);
      else if (!known.some(({ text: same }) => same === ip.text)) known.push(ip);
    }
  }
  return hosts;
}

export class HostsFile {
  readonly #file: SystemFile<Hosts>;

  constructor(path = '/etc/hosts') {
    this.#file = new SystemFile(path, parseHosts);
  }

  /**
   * A name that stands there has the addresses that stand there and no others, of either family. Undefined: it does
   * not stand there, or something else than addresses is asked.
   */
  answer({ name, type }: Question): DnsAnswer | undefined {
    if (type !== 'A' && type !== 'AAAA') return undefined;
    const known = this.#file.value().get(name);
    if (known === undefined) return undefined;
    const answers = known
      .filter(({ family }) => family === (type === 'A' ? 4 : 6))
      .map(({ text }) => ({ name, type, ttl: TTL, address: text }));
    return { rcode: 'NOERROR', answers, authorities: [], additionals: [] };
  }
}
