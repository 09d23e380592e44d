/**
 * Options as DHCP clients write them into their leases: which name stands for which option, and how its text becomes
 * the octets that it was made from. So one reader of options serves them all.
 */
import { Buffer } from 'node:buffer';
import { parseIp } from '#address/ip.ts';
import { OPTION4, type Options4 } from './dhcp4_options.ts';
import { OPTION6, type Options6 } from './dhcp6_options.ts';

/**
 * `hex`: digits, with or without colons. `sip`: names or addresses, with the octet in front that says which
 * (RFC 3361 3). `ntp`: addresses as suboptions (RFC 5908 4).
 */
type Kind = 'text' | 'addresses' | 'hex' | 'sip' | 'ntp';

interface Row {
  readonly code: number;
  readonly kind: Kind;
  /** Keys of /run/systemd/netif/leases, of `dhcpcd -U`, of dhclient.leases. */
  readonly networkd?: string;
  readonly dhcpcd?: string;
  readonly dhclient?: string;
}

export type Client = 'networkd' | 'dhcpcd' | 'dhclient';

// biome-ignore format: a table
const ROWS4: readonly Row[] = [
  { code: OPTION4.domain, kind: 'text', networkd: 'DOMAINNAME', dhcpcd: 'domain_name', dhclient: 'domain-name' },
  { code: OPTION4.ntp, kind: 'addresses', networkd: 'NTP', dhcpcd: 'ntp_servers', dhclient: 'ntp-servers' },
  { code: OPTION4.vendorSpecific, kind: 'hex', networkd: 'VENDOR_SPECIFIC', dhcpcd: 'vendor_encapsulated_options', dhclient: 'vendor-encapsulated-options' },
  { code: OPTION4.tftpServer, kind: 'text', dhcpcd: 'tftp_server_name', dhclient: 'tftp-server-name' },
  { code: OPTION4.bootFile, kind: 'text', dhcpcd: 'bootfile_name', dhclient: 'bootfile-name' },
  { code: OPTION4.posixTimezone, kind: 'text', dhcpcd: 'posix_timezone', dhclient: 'pcode' },
  { code: OPTION4.timezone, kind: 'text', networkd: 'TIMEZONE', dhcpcd: 'tzdb_timezone', dhclient: 'tcode' },
  { code: OPTION4.captivePortal, kind: 'text', networkd: 'CAPTIVE_PORTAL', dhcpcd: 'captive_portal_uri', dhclient: 'default-url' },
  { code: OPTION4.search, kind: 'text', networkd: 'DOMAIN_SEARCH_LIST', dhcpcd: 'domain_search', dhclient: 'domain-search' },
  { code: OPTION4.sipServers, kind: 'sip', networkd: 'SIP', dhcpcd: 'sip_server', dhclient: 'sip-servers' },
  { code: OPTION4.vendorIdentifying, kind: 'hex', dhclient: 'vivso' },
  { code: OPTION4.serviceDomains, kind: 'text', dhcpcd: 'sip_ua_cs_list' },
  { code: OPTION4.voipServers, kind: 'addresses', dhcpcd: 'tftp_servers' },
];

// biome-ignore format: a table
const ROWS6: readonly Row[] = [
  { code: OPTION6.vendor, kind: 'hex', dhclient: 'vendor-opts' },
  { code: OPTION6.sipDomains, kind: 'text', dhcpcd: 'sip_servers_names', dhclient: 'sip-servers-names' },
  { code: OPTION6.sipAddresses, kind: 'addresses', dhcpcd: 'sip_servers_addresses', dhclient: 'sip-servers-addresses' },
  { code: OPTION6.search, kind: 'text', dhcpcd: 'domain_search', dhclient: 'domain-search' },
  { code: OPTION6.sntp, kind: 'addresses', dhcpcd: 'sntp_servers', dhclient: 'sntp-servers' },
  { code: OPTION6.posixTimezone, kind: 'text', dhcpcd: 'posix_timezone', dhclient: 'new-posix-timezone' },
  { code: OPTION6.timezone, kind: 'text', dhcpcd: 'tzdb_timezone', dhclient: 'new-tzdb-timezone' },
  { code: OPTION6.ntp, kind: 'ntp', dhcpcd: 'ntp_server_addr' },
  { code: OPTION6.serviceDomains, kind: 'text', dhcpcd: 'sip_ua_cs_list' },
  { code: OPTION6.bootFile, kind: 'text', dhcpcd: 'bootfile_url', dhclient: 'bootfile-url' },
];

/** Options without a name: `OPTION_160` of networkd, `unknown-160` of dhclient. */
const NUMBERED = /^(?:OPTION_|unknown-)(\d{1,5})$/;

/** One option of a lease, as it stands there; several values are parted by blanks. */
export type Told = readonly [name: string, text: string];

export function options4Of(told: readonly Told[], client: Client): Options4 {
  return new Map(told.flatMap((one) => optionOf(one, client, ROWS4) ?? []));
}

export function options6Of(told: readonly Told[], client: Client): Options6 {
  const options = told.flatMap((one) => optionOf(one, client, ROWS6) ?? []);
  return new Map(options.map(([code, value]) => [code, [value]]));
}

function optionOf([name, text]: Told, client: Client, rows: readonly Row[]): readonly [number, Uint8Array][] {
  const number = NUMBERED.exec(name)?.[1];
  const row = number === undefined ? rows.find((one) => one[client] === name) : undefined;
  const code = number === undefined ? row?.code : Number(number);
  const value = octetsOf(row?.kind ?? 'hex', text);
  return code === undefined || value === undefined ? [] : [[code, value]];
}

/** Undefined: the text is nothing of this kind. */
function octetsOf(kind: Kind, text: string): Uint8Array | undefined {
  switch (kind) {
    case 'text':
      return Buffer.from(text, 'latin1');
    case 'hex':
      return hexOctets(text) ?? Buffer.from(text, 'latin1');
    case 'addresses':
      return addressOctets(text);
    case 'sip': {
      const addresses = addressOctets(text);
      if (addresses !== undefined) return Buffer.concat([Uint8Array.of(1), addresses]);
      return Buffer.concat([Uint8Array.of(0), Buffer.from(text, 'latin1')]);
    }
    case 'ntp': {
      const addresses = addressOctets(text);
      return addresses === undefined
        ? undefined
        : Buffer.concat([Uint8Array.of(0, 1, 0, addresses.length), addresses]);
    }
  }
}

/** `0a:1:ff` with digits left out as dhclient does, or pairs without anything between them. */
function hexOctets(text: string): Uint8Array | undefined {
  if (/^[\da-f]{1,2}(?::[\da-f]{1,2})+$/i.test(text))
    return Uint8Array.from(text.split(':'), (digits) => Number.parseInt(digits, 16));
  return /^(?:[\da-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** Undefined unless all are addresses. */
function addressOctets(text: string): Uint8Array | undefined {
  const all = text.split(/[\s,]+/).map((word) => parseIp(word));
  const octets = all.flatMap((ip) =>
    ip === undefined
      ? []
      : [Buffer.from(ip.bits.toString(16).padStart(ip.family === 4 ? 8 : 32, '0'), 'hex')],
  );
  return octets.length === all.length ? Buffer.concat(octets) : undefined;
}
