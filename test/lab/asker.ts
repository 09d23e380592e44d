/**
 * node asker.ts FROM TO PORT TALK SDP-FILE [OWN-PORT]: places one call by UDP from the address FROM to TO, with the file's text
 * as offer (an empty file: none), acknowledges, listens for TALK milliseconds and hangs up. Prints one line of JSON:
 * an `Asked`.
 */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { bracketed, familyOf } from './addressing.ts';

export interface Asked {
  /** Final status; 0: none came. */
  readonly status: number;
  /** Body of the 200. */
  readonly sdp: string;
  /** RTP that reached us, by family. */
  readonly packets: { readonly 4: number; readonly 6: number };
}

/** Where the offers say that we listen. */
export const MEDIA_PORT = 40_000;
/** Milliseconds for a person, or a script, to answer. */
const PATIENCE = 8_000;

if (import.meta.main) {
  const [address = '', to = '', port = '', talk = '', file = '', own = '5060'] = process.argv.slice(2);
  const from = { address, port: Number(own) };
  console.log(JSON.stringify(await ask(from, to, Number(port), Number(talk), readFileSync(file, 'utf8'))));
  process.exit(0);
}

interface Own {
  readonly address: string;
  readonly port: number;
}

async function ask(from: Own, to: string, port: number, talk: number, offer: string): Promise<Asked> {
  const packets = { 4: 0, 6: 0 };
  for (const family of [4, 6] as const) {
    const ear = createSocket({ type: family === 6 ? 'udp6' : 'udp4', ipv6Only: family === 6 });
    ear.on('message', () => {
      packets[family]++;
    });
    ear.on('error', () => {}).bind(MEDIA_PORT);
  }
  const socket = createSocket(familyOf(from.address) === 6 ? 'udp6' : 'udp4');
  socket.bind(from.port, from.address);
  await once(socket, 'listening');
  const say = (text: string) => socket.send(text, port, to);
  const dialog = newDialog(from, to, port);
  const invite = dialog.request('INVITE', 1, offer);
  say(invite);
  const final = await finalResponse(socket, () => say(invite));
  if (final === undefined || final.status >= 300) {
    if (final) say(dialog.request('ACK', 1, '', final));
    return { status: final?.status ?? 0, sdp: '', packets };
  }
  // Without an offer of ours the 200 has one, and the ACK the answer (RFC 3264 4).
  say(dialog.request('ACK', 1, offer === '' ? answerTo(final, from.address) : '', final));
  await sleep(talk);
  say(dialog.request('BYE', 2, '', final));
  await sleep(100);
  return { status: final.status, sdp: final.bodyText, packets };
}

function newDialog(from: Own, to: string, port: number) {
  const [local, remote] = [`${bracketed(from.address)}:${from.port}`, `${bracketed(to)}:${port}`];
  const token = randomBytes(8).toString('hex');
  const request = (method: string, cseq: number, body: string, answered?: SipMessage): string => {
    const branch = method === 'ACK' && (answered?.status ?? 0) >= 300 ? `${token}1` : `${token}${method}`;
    const lines = [
      `${method} ${method === 'INVITE' ? `sip:uas@${remote}` : targetOf(answered, remote)} SIP/2.0`,
      `Via: SIP/2.0/UDP ${local};branch=z9hG4bK${method === 'INVITE' ? `${token}1` : branch};rport`,
      'Max-Forwards: 70',
      `From: <sip:asker@${local}>;tag=${token}`,
      `To: ${answered?.first('to') ?? `<sip:uas@${remote}>`}`,
      `Call-ID: ${token}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:asker@${local}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  };
  return { request };
}

function targetOf(answered: SipMessage | undefined, remote: string): string {
  const contact = /<([^>]+)>/.exec(answered?.first('contact') ?? '');
  return contact?.[1] ?? `sip:uas@${remote}`;
}

/** Retransmits every half second until anything comes; undefined: nothing final did. */
async function finalResponse(socket: Socket, again: () => void): Promise<SipMessage | undefined> {
  const timer = setInterval(again, 500);
  const final = new Promise<SipMessage>((resolve) => {
    socket.on('message', (octets) => {
      const message = readMessage(octets);
      if (message?.kind !== 'response' || message.method !== 'INVITE') return;
      clearInterval(timer);
      if (message.status >= 200) resolve(message);
    });
  });
  const found = await Promise.race([final, sleep(PATIENCE)]);
  clearInterval(timer);
  return found ?? undefined;
}

/** Takes the first format that is offered, in the offer's family. */
function answerTo(final: SipMessage, from: string): string {
  const format = /m=audio \d+ RTP\/AVP (\d+)/.exec(final.bodyText)?.[1] ?? '8';
  const address = `IN IP${familyOf(from)} ${from}`;
  const lines = ['v=0', `o=- 1 1 ${address}`, 's=-', `c=${address}`, 't=0 0'];
  return `${[...lines, `m=audio ${MEDIA_PORT} RTP/AVP ${format}`].join('\r\n')}\r\n`;
}
