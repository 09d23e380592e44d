/** Host names: how they are compared, and those about which no name server is asked (RFC 6761). */
import type { Known, Question } from './dns.ts';

/** RFC 1035 2.3.4 for the lengths; the underscore is for service names, which are no host names (RFC 2782). */
const LABEL = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/;
const LONGEST_NAME = 253;

/** Lower case, without the dot at the end. Undefined: it is no name that DNS could have. */
export function normalName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.length > LONGEST_NAME) return undefined;
  return name.split('.').every((label) => LABEL.test(label)) ? name : undefined;
}

/** Whether `name` is `domain` or below it; everything is below the root, an empty string. */
export function isWithin(name: string, domain: string): boolean {
  return domain === '' || name === domain || name.endsWith(`.${domain}`);
}

/** The domain that `_sip._udp.example.com` speaks of; every other name is its own. */
export function domainOf(name: string): string {
  return name.replace(/^(?:_[^.]*\.)+/, '');
}

/** Names of one label, of this host or of the link: nobody keeps NAPTR or SRV records for them. */
export function mayHaveServices(name: string): boolean {
  return name.includes('.') && !['localhost', 'local'].some((domain) => isWithin(name, domain));
}

/** What is known without asking: RFC 6761 6.3 (localhost is this host) and 6.4 (invalid is nowhere). */
export function knownByRule({ name, type }: Question): Known | undefined {
  if (isWithin(name, 'invalid')) return { state: 'none', exists: false };
  if (!isWithin(name, 'localhost')) return undefined;
  if (type !== 'A' && type !== 'AAAA') return { state: 'none', exists: true };
  const address = type === 'A' ? '127.0.0.1' : '::1';
  return { state: 'found', records: [{ type, name, ttl: 0, address }] };
}
