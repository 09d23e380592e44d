/**
 * What a telephone tells on the LAN: an instance of `_sipuri._udp` and `_sipuri._tcp` (draft-lee-sip-dns-sd-uri-03, as
 * Blink publishes it), its host, and the claim of its extension.
 *
 * The claim is a record that is unique by the number, so that all of RFC 6762 8 and 9 holds for numbers as for names:
 * probed before use, defended, contested. There the set with the greater octets wins; here the smaller instance shall,
 * and so the claim carries the complement of its digits.
 */

import { nameOf, under } from '#mdns/name.ts';
import type { DnsRecord, RecordData } from '#mdns/record.ts';
import { textsOf } from '#mdns/text.ts';
import type { Self } from './types.ts';

export const SERVICES = ['_sipuri._udp.local', '_sipuri._tcp.local'] as const;
const ALL_SERVICES = '_services._dns-sd._udp.local';
/** Seconds (RFC 6762 10): of what hangs on the host, and of what does not. */
const HOST_TTL = 120;
const OTHER_TTL = 4_500;

/** Everything that is published on a link with these addresses. */
export function advertisement(self: Self, addresses: readonly string[]): readonly DnsRecord[] {
  const host = hostName(self);
  return [
    ...SERVICES.flatMap((service) => serviceRecords(service, self)),
    ...addresses.map((address) =>
      unique(host, HOST_TTL, { type: address.includes(':') ? 'AAAA' : 'A', address }),
    ),
    unique(claimName(self.extension), HOST_TTL, { type: 'TXT', texts: [rankOf(self)] }),
  ];
}

/** `sip:204@dualtone-0203.local`: the instance's name and whom to call. */
export function contactOf(self: Pick<Self, 'extension' | 'host'>): string {
  return `sip:${self.extension}@${hostName(self)}`;
}

export function hostName({ host }: Pick<Self, 'host'>): string {
  return `${host}.local`;
}

/** The name that who has the extension has for itself. */
export function claimName(extension: string): string {
  return nameOf([extension, '_extension', 'local']);
}

function serviceRecords(service: string, self: Self): readonly DnsRecord[] {
  const instance = under(contactOf(self), service);
  const { name, instanceId, extension, fp, tls, six, port } = self;
  const texts = textsOf({
    txtvers: '1',
    name,
    contact: `<${contactOf(self)}>`,
    instance_id: instanceId,
    ext: extension,
    fp,
    tls: tls === undefined ? undefined : String(tls),
    six,
  });
  return [
    shared(ALL_SERVICES, { type: 'PTR', target: service }),
    shared(service, { type: 'PTR', target: instance }),
    unique(instance, HOST_TTL, { type: 'SRV', priority: 0, weight: 0, port, target: hostName(self) }),
    unique(instance, OTHER_TTL, { type: 'TXT', texts }),
  ];
}

/** The port tells two telephones on one computer apart. */
function rankOf({ instanceId, port }: Self): string {
  const digits = instanceId.replace(/[^\da-f]/gi, '');
  const complement = [...digits].map((digit) => (15 - Number.parseInt(digit, 16)).toString(16)).join('');
  return `rank=${complement}:${(0xffff - port).toString(16).padStart(4, '0')}`;
}

function unique(name: string, ttl: number, data: RecordData): DnsRecord {
  return { name, ttl, flush: true, data };
}

function shared(name: string, data: RecordData): DnsRecord {
  return { name, ttl: OTHER_TTL, flush: false, data };
}
