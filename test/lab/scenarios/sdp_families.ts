/**
 * Whose family does an answer take? Offers of every family over SIP of every family, to us and to baresip: status,
 * the family of the answer (of the offer, where we asked for one), and where the sound then goes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '#address/endpoint.ts';
import { type Asked, MEDIA_PORT } from '../asker.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { BaresipHere } from '../peers/baresip.ts';
import { startPhone } from '../phone.ts';

const ASKER = new URL('../asker.ts', import.meta.url).pathname;
/** An address of 2001:0::/32 (RFC 4380 4), on the asker's interface. */
const TEREDO = '2001:0:5ef5:79fb::1';

export interface Question {
  readonly title: string;
  /** Family of SIP. */
  readonly sip: Family;
  /** Of `c=`; none: an INVITE without an offer. */
  readonly offer: Family | 'none' | 'host name' | 'Teredo';
}

export const QUESTIONS: readonly Question[] = [
  { title: 'SIP IPv4, offer IPv4', sip: 4, offer: 4 },
  { title: 'SIP IPv4, offer IPv6', sip: 4, offer: 6 },
  { title: 'SIP IPv6, offer IPv6', sip: 6, offer: 6 },
  { title: 'SIP IPv6, offer IPv4', sip: 6, offer: 4 },
  { title: 'SIP IPv6, no offer', sip: 6, offer: 'none' },
  { title: 'SIP IPv4, no offer', sip: 4, offer: 'none' },
  { title: 'SIP IPv4, host name of both', sip: 4, offer: 'host name' },
  { title: 'SIP IPv4, offer of Teredo', sip: 4, offer: 'Teredo' },
];

export interface Said {
  readonly status: number;
  /** Family of `c=` in the answer, or in the offer that we asked for. */
  readonly family: Family | undefined;
  /** Family in which sound came to the asker. */
  readonly sound: Family | undefined;
  /** Packets to an address of 2001:0::/32. */
  readonly toTeredo: number;
}

export interface Exchange extends Question {
  readonly us: Said;
  readonly baresip: Said | undefined;
}

/** Milliseconds in which sound may come. */
const TALK = 600;

export async function sdpFamilies(withBaresip: boolean): Promise<readonly Exchange[]> {
  await using lab = await Lab.create();
  const asker = await lab.host('asker');
  const [us, them] = [await lab.host('us'), await lab.host('baresip')];
  await lab.dns(
    asker.addresses.map((address) => `asker.lab. 60 IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}`),
  );
  await asker.addAddress(TEREDO);
  const phone = await startPhone(lab, us, { security: { allow: asker.addresses.map(String) } });
  const answering = new AbortController();
  const answers = answerAll(phone, answering.signal);
  const exchanges: Exchange[] = [];
  for (const question of QUESTIONS) {
    exchanges.push({
      ...question,
      us: await put(lab, asker, us, question),
      baresip: withBaresip ? await putToBaresip(lab, asker, them, question) : undefined,
    });
  }
  answering.abort();
  await answers;
  await phone.stop();
  return exchanges;
}

async function answerAll(phone: Awaited<ReturnType<typeof startPhone>>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { calls } = await phone.status();
    if (calls.some(({ state }) => state === 'ringing')) await phone.verb('answer');
    await sleep(50);
  }
}

async function putToBaresip(lab: Lab, asker: Host, host: Host, question: Question): Promise<Said> {
  const address = host.address(question.sip);
  const account = `<sip:uas@${question.sip === 6 ? `[${address}]` : address}>;regint=0;answermode=auto`;
  const baresip = await new BaresipHere(lab, host, { account, listen: address, lives: 30 }).ready();
  const said = await put(lab, asker, host, question);
  await baresip.process.stop();
  return said;
}

async function put(lab: Lab, asker: Host, to: Host, { sip, offer }: Question): Promise<Said> {
  const file = join(lab.directory, 'offer.sdp');
  writeFileSync(file, offerOf(asker, offer));
  const capture = await to.capture();
  const words = [asker.address(sip), to.address(sip), '5060', String(TALK), file];
  const process_ = asker.run(process.execPath, [ASKER, ...words]);
  if ((await process_.exit(20_000)) !== 0) throw new Error(process_.output);
  const asked: Asked = JSON.parse(process_.output);
  const packets = await capture.stop();
  const family = /^c=IN IP([46]) /m.exec(asked.sdp)?.[1];
  return {
    status: asked.status,
    family: family === undefined ? undefined : family === '6' ? 6 : 4,
    sound: asked.packets[6] > 0 ? 6 : asked.packets[4] > 0 ? 4 : undefined,
    toTeredo: packets.filter(({ to: { address } }) => address === TEREDO).length,
  };
}

function offerOf(asker: Host, offer: Question['offer']): string {
  if (offer === 'none') return '';
  const place = {
    4: `IN IP4 ${asker.ipv4}`,
    6: `IN IP6 ${asker.ipv6}`,
    'host name': 'IN IP4 asker.lab',
    Teredo: `IN IP6 ${TEREDO}`,
  }[offer];
  const lines = [
    'v=0',
    `o=- 1 1 ${place}`,
    's=-',
    `c=${place}`,
    't=0 0',
    `m=audio ${MEDIA_PORT} RTP/AVP 8 0`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}
