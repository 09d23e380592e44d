/** What the records of an instance say of a telephone: ours, Blink's, or anybody's of the same form. */
import { isLinkLocal, parseIp } from '#address/ip.ts';
import type { Service } from '#mdns/service.ts';
import type { Neighbour } from './types.ts';

/** A telephone as it presents itself on one link. Whatever it says is its own claim. */
export interface Peer extends Pick<Neighbour, 'name' | 'uri' | 'host' | 'port' | 'transport' | 'addresses'> {
  readonly key: string;
  /** Absent in records that do not say it. */
  readonly instanceId?: string;
  readonly extension?: string;
  /** It claims the extension as we do, and does not only happen to be called so. */
  readonly claims: boolean;
  readonly fp?: string;
  readonly tls?: number;
  readonly six?: string;
  readonly until: number;
}

/** What keys can dial (E.164: at most 15 digits). */
const EXTENSION = /^\d{2,15}$/;
const LONGEST_NAME = 64;

/** Undefined: there is nothing that could be called. */
export function peerOf(service: Service, link: string): Peer | undefined {
  const { text, instance, host, port, until } = service;
  const uri = uriOf(text.get('contact')) ?? uriOf(instance);
  if (uri === undefined || !isOfLink(host) || !isCallable(uri)) return undefined;
  const user = /^sips?:([^@;?]*)@/i.exec(uri)?.[1];
  const said = [text.get('ext'), user].find((number) => number !== undefined && EXTENSION.test(number));
  const instanceId = text.get('instance_id');
  const six = parseIp(text.get('six') ?? '');
  const fp = text.get('fp');
  const tls = portOf(text.get('tls'));
  return {
    key: instanceId === undefined ? `${instance}` : `${instanceId} ${port}`,
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(said === undefined ? {} : { extension: said }),
    claims: said !== undefined && said === text.get('ext'),
    name: (text.get('name') || (user ?? '') || host).slice(0, LONGEST_NAME),
    uri,
    host,
    port,
    transport: service.service.startsWith('_sipuri._tcp') ? 'tcp' : 'udp',
    addresses: zoned(service.addresses, link),
    ...(fp === undefined || !/^[\w-]{16,128}$/.test(fp) ? {} : { fp }),
    ...(tls === undefined ? {} : { tls }),
    ...(six?.family === 6 && six.zone === undefined ? { six: six.text } : {}),
    until,
  };
}

function portOf(text = ''): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}

/** `<sip:204@host>` or without brackets; what follows them is nobody's business here. */
function uriOf(contact = ''): string | undefined {
  return /^<?(sips?:[^\s<>"]{1,200})(?:>|$)/i.exec(contact.trim())?.[1];
}

/** RFC 6762 3: nobody on a link has a say about other names, such as that of a registrar. */
function isOfLink(host: string): boolean {
  return /[^.]\.local$/i.test(host);
}

/** At a host of the link or at an address: whoever is called in a domain elsewhere is no neighbour. */
function isCallable(uri: string): boolean {
  const [, host = ''] = /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^@:;?[\]]+)(?:[:;?][^@]*)?$/i.exec(uri) ?? [];
  return isOfLink(host) || parseIp(host.replace(/^\[|\]$/g, '')) !== undefined;
}

/** A link-local address means something only on its link. IPv6 first, and of it what lasts beyond the link. */
function zoned(addresses: readonly string[], link: string): readonly string[] {
  const six = addresses.filter((address) => address.includes(':'));
  const four = addresses.filter((address) => !address.includes(':'));
  const [local, wide] = [six.filter(isLinkLocal), six.filter((address) => !isLinkLocal(address))];
  return [...wide, ...local.map((address) => `${address}%${link}`), ...four];
}
