/** The RFCs' own messages from test/data, and the seed of the reflection tests. */
import { readFileSync } from 'node:fs';

function data(path: string): Buffer {
  return readFileSync(new URL(`../data/${path}`, import.meta.url));
}

function json<T>(path: string): T {
  return JSON.parse(data(path).toString('utf8')) as T;
}

/** What a torture message demands of whoever reads it. */
export interface TortureMessage {
  readonly name: string;
  readonly set: 'rfc4475' | 'rfc5118';
  readonly title: string;
  readonly parser: 'accept' | 'reject' | 'may';
  /** Statuses that fit; empty: none in particular, or no answer at all. */
  readonly statuses: readonly number[];
  readonly kind: 'request' | 'response';
  readonly octets: Buffer;
}

interface Manifest {
  readonly messages: readonly {
    readonly name: string;
    readonly file: string;
    readonly title: string;
    readonly parser: 'accept' | 'reject' | 'may';
    readonly ok_status?: readonly number[];
    readonly kind: 'request' | 'response';
  }[];
}

/** Every message of RFC 4475 and RFC 5118. */
export const TORTURE: readonly TortureMessage[] = (['rfc4475', 'rfc5118'] as const).flatMap((set) =>
  json<Manifest>(`${set}/MANIFEST.json`).messages.map(({ name, file, title, parser, ok_status, kind }) => ({
    name,
    set,
    title,
    parser,
    statuses: ok_status ?? [],
    kind,
    octets: data(`${set}/${file}`),
  })),
);

export function torture(name: string): Buffer {
  const found = TORTURE.find((message) => message.name === name);
  if (found === undefined) throw new Error(`no torture message ${name}`);
  return found.octets;
}

export interface FlowMessage {
  readonly id: string;
  readonly start: string;
  readonly message: string;
  readonly content_length: number | null;
  readonly body_bytes: number;
}

/** The messages that the RFCs print in their call flows. */
export const FLOWS: readonly FlowMessage[] = [3261, 3515, 3665, 3842, 4028, 5626].flatMap(
  (rfc) => json<{ messages: FlowMessage[] }>(`flows/rfc${rfc}.json`).messages,
);

export interface DigestCase {
  readonly id: string;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly qop: 'auth';
  readonly algorithm: string;
  readonly correct_response: string;
  readonly correct_userhash?: string;
}

export const DIGESTS: readonly DigestCase[] = json<{ cases: DigestCase[] }>('digest/MANIFEST.json').cases;

/** Everything above as octets, for damage. */
export const ALL_OCTETS: readonly Uint8Array[] = [
  ...TORTURE.map(({ octets }) => octets),
  data('rfc4475/test.dat'),
  ...FLOWS.map(({ message }) => Buffer.from(message, 'utf8')),
];

/** A message from its lines, which are octet text. The body, if any, stands behind an empty line and ends without CRLF. */
export function octetsOf(...lines: readonly string[]): Buffer {
  const blank = lines.indexOf('');
  const text = blank < 0 ? `${lines.join('\r\n')}\r\n\r\n` : lines.join('\r\n');
  return Buffer.from(text, 'latin1');
}

/** Via and Record-Route as proxies of many transports leave them, in the order in which they were put on. */
export const SEED_VIAS = [
  'Via: SIP/2.0/UDP 192.0.2.1;received=198.51.100.15;rport=55021;branch=z9hG4bK8h23i5',
  'Via: SIP/2.0/TLS proxy1.example.net;received=[2001:db8::2:1];branch=z9hG4bK3udn3z13',
  'Via: SIP/2.0/SCTP proxy2.example.net;received=198.51.100.18;branch=z9hG4bK23sd093n42',
  'Via: SIP/2.0/UDP proxy3.example.net;branch=z9hG4bK3s09ujnsnnen3',
] as const;

export const SEED_ROUTES = [
  'Record-Route: <sip:proxy1udp.example.net;lr>',
  'Record-Route: <sips:proxy1tls.example.net;lr>',
  'Record-Route: <sips:proxy2tls.example.net;lr>',
  'Record-Route: <sip:proxy2sctp.example.net;lr>',
  'Record-Route: <sip:proxy3sctp.example.net;lr>',
  'Record-Route: <sip:proxy3udp.example.net;lr>',
] as const;

/** Vias that one agent or another spoils, drops or chokes on when they stand below the top. */
export const HARD_VIAS = [
  'Via: SIP / 2.0 / QUIC  proxy.example.net ; branch = z9hG4bK1',
  'Via: SIP/3.0/X  proxy.example.net;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP proxy.example.net;rport=abc;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP [fe80::1%25eth0]:5062;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP [fe80::1%eth0];branch=z9hG4bK1',
  'Via: SIP/2.0/TCP sbc_1.example.org;branch=z9hG4bK1',
  'Via: SIP/2.0/SCTP proxy.example.net;branch=z9hG4bK1',
  'Via: SIP/2.0/DTLS-UDP proxy.example.net;branch=z9hG4bK1',
  'Via: SIP/2.0/DTLS proxy.example.net;branch=z9hG4bK1',
  'Via: SIP/2.0/TLS-SCTP proxy.example.net;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP proxy.example.net;maddr="x";branch=z9hG4bK1',
  'Via: SIP/2.0/UDP proxy.example.net;x-quoted="a;b, \\"c\\"";branch=z9hG4bK1',
  'Via: SIP/2.0/TLS proxy.example.net;received=2001:db8::2:1;branch=z9hG4bK1',
  'Via: SIP/2.0/TLS proxy.example.net;received=[2001:db8::2:1];branch=z9hG4bK1',
  'Via: SIP/2.0/TLS [2001:db8::1]:5061;received=[fe80::2%25en0];branch=z9hG4bK1',
  'Via: SIP/2.0/UDP 2001:db8:99:0:0:0:0:1:5060;branch=z9hG4bK1',
  'v:SIP/2.0/UDP a.example.net;branch=z9hG4bK1,SIP/2.0/TLS-SCTP b.example.net , SIP/2.0/WSS c.example.net',
  'VIA :  SIP/2.0/UDP a.example.net\r\n\t;branch=z9hG4bK1\r\n ,SIP/2.0/UDP b.example.net  ',
  'Via: \xff\xfe no Via at all;;;"',
  'Via:',
];

/** The same for Record-Route. */
export const HARD_ROUTES = [
  'Record-Route: <sip:proxy.example.net;transport=sctp;lr>',
  'Record-Route: <sip:proxy.example.net;transport=dtls;lr>',
  'Record-Route: <sips:proxy.example.net;transport=tls-sctp;lr>',
  'Record-Route: <sip:proxy.example.net;lr;x=%41b>',
  'Record-Route: <sip:[2001:db8::1];lr>, "P, 2" <sip:[fe80::1%25eth0]:5061;lr>;x="a,b"',
  'Record-Route : <sip:a.example.net;lr>\r\n\t, <sip:b.example.net;lr>',
  'record-route:<weird:thing>,;;"',
];

/** An INVITE with these Via and Record-Route lines. */
export function invite(vias: readonly string[], routes: readonly string[] = []): Buffer {
  return octetsOf(
    'INVITE sip:bob@192.0.2.4 SIP/2.0',
    ...vias,
    ...routes,
    'Max-Forwards: 66',
    'From: Alice <sip:alice@example.net>;tag=9fxced76sl',
    'To: Bob <sip:bob@example.com>',
    'Call-ID: 3848276298220188511@example.net',
    'CSeq: 1 INVITE',
    'Contact: <sip:alice@192.0.2.1>',
    'Content-Type: application/sdp',
    'Content-Length: 98',
    '',
    'v=0\r\no=alice 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8 101\r\n',
  );
}
