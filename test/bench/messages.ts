/** The messages that every stack reads and answers. */

const crlf = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('');

const SDP = crlf([
  'v=0',
  'o=- 28908 28908 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 49172 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
]);

/** An INVITE that came through three proxies of four transports, about 965 octets. `n` makes it one of its kind. */
function invite(n: number): string {
  const head = [
    `INVITE sip:bob@198.51.100.2 SIP/2.0`,
    `Via: SIP/2.0/UDP proxy3.example.net;branch=z9hG4bK3s09ujnsnnen${n}`,
    'Via: SIP/2.0/SCTP proxy2.example.net;received=198.51.100.18;branch=z9hG4bK23sd093n42',
    'Via: SIP/2.0/TLS proxy1.example.net;received=[2001:db8::2:1];branch=z9hG4bK3udn3z13',
    'Via: SIP/2.0/UDP 192.0.2.1;received=198.51.100.15;rport=55021;branch=z9hG4bK8h23i5',
    'Record-Route: <sip:proxy3udp.example.net;lr>',
    'Record-Route: <sip:proxy3sctp.example.net;lr>',
    'Record-Route: <sip:proxy2sctp.example.net;lr>',
    'Record-Route: <sips:proxy2tls.example.net;lr>',
    'Record-Route: <sips:proxy1tls.example.net;lr>',
    'Record-Route: <sip:proxy1udp.example.net;lr>',
    'Max-Forwards: 67',
    'From: <sip:alice@example.net>;tag=9fxced76sl',
    'To: <sip:bob@example.org>',
    `Call-ID: 38482762982${n}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:alice@192.0.2.1>',
    'Content-Type: application/sdp',
    `Content-Length: ${SDP.length}`,
    '',
  ];
  return crlf(head) + SDP;
}

function options(n: number): string {
  return crlf([
    'OPTIONS sip:bob@198.51.100.2 SIP/2.0',
    `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKhjhs8ass${n};rport`,
    'Max-Forwards: 70',
    'From: Alice <sip:alice@example.net>;tag=1928301774',
    'To: <sip:bob@example.org>',
    `Call-ID: a84b4c76e66710${n}`,
    'CSeq: 63104 OPTIONS',
    'Content-Length: 0',
    '',
  ]);
}

/** A hundred of a kind, so that no stack lives from having seen the very same octets before. */
const hundred = (make: (n: number) => string) =>
  Array.from({ length: 100 }, (_, n) => Buffer.from(make(n + 100), 'latin1'));

export const INVITES: readonly Buffer[] = hundred(invite);
export const OPTIONS: readonly Buffer[] = hundred(options);

/** The description that both ends of a call send. */
export const DESCRIPTION = SDP;
