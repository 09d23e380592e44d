/**
 * A configuration service that tells of changes (RFC 6011 2.5.1): by https it has a file and names a SIP URI, and there it
 * notifies. Two seconds after the first subscription the file is another.
 *
 *     node monitor_server.ts DIRECTORY HTTPS_PORT SIP_PORT
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { writeResponse } from '#sip/message/write.ts';
import { selfSigned } from '../support/authority.ts';

const [directory = '', httpsPort = '', sipPort = ''] = process.argv.slice(2);
const HOST = '127.0.0.1';
let version = 1;
let cseq = 0;

const { certificate, key } = await selfSigned(join(directory, 'server'), [HOST]);
const web = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
  const etag = `"${version}"`;
  const isKnown = request.headers['if-none-match'] === etag;
  console.log(`asked: ${isKnown ? 304 : `200 version ${version}`}`);
  response.writeHead(isKnown ? 304 : 200, { ETag: etag, Link: `<sip:cs@${HOST}:${sipPort}>; rel="monitor"` });
  response.end(isKnown ? undefined : JSON.stringify({ schema: 'dualtone.config/1', version: `${version}` }));
});

const sip = createSocket('udp4');
sip.on('message', (octets, { address, port }) => {
  const message = readMessage(octets);
  if (message?.kind !== 'request' || message.method !== 'SUBSCRIBE') return;
  console.log(`subscribed for ${message.first('expires')}`);
  const headers = [
    ['Contact', `<sip:cs@${HOST}:${sipPort}>`],
    ['Expires', '3600'],
  ] as const;
  sip.send(writeResponse(message, { status: 200, toTag: 'cs', headers }).octets, port, address);
  notify(message, port, address);
  if (version > 1) return;
  setTimeout(() => {
    version = 2;
    notify(message, port, address);
  }, 2_000);
});

function notify(subscribe: SipMessage, port: number, address: string): void {
  const body = `HTTP/1.1 200 OK\r\nETag: "${version}"\r\n`;
  const lines = [
    `NOTIFY ${subscribe.contact?.uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${HOST}:${sipPort};branch=z9hG4bK${++cseq}`,
    'Max-Forwards: 70',
    `From: ${subscribe.first('to')};tag=cs`,
    `To: ${subscribe.first('from')}`,
    `Call-ID: ${subscribe.callId}`,
    `CSeq: ${cseq} NOTIFY`,
    'Event: http-monitor',
    'Subscription-State: active;expires=3600',
    'Content-Type: message/http',
    `Content-Length: ${body.length}`,
  ];
  sip.send(`${lines.join('\r\n')}\r\n\r\n${body}`, port, address);
}

sip.bind(Number(sipPort), HOST, () => web.listen(Number(httpsPort), HOST, () => console.log('ready')));
