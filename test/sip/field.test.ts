/** Messages of real agents, where a collection of them lies beside the checkout or in $DUALTONE_VECTORS. */
import { readFileSync } from 'node:fs';
import { faultOf } from '#sip/message/fault.ts';
import { StreamFramer } from '#sip/message/framing.ts';
import { readMessage } from '#sip/message/message.ts';
import { parseNameAddr } from '#sip/message/name_addr.ts';
import { parseUri } from '#sip/message/uri.ts';
import { writeResponse } from '#sip/message/write.ts';
import { withVectors } from '../media/field_vectors.ts';

interface Capture {
  readonly src: string;
  readonly frame: number;
  readonly proto: 'udp' | 'tcp-segment';
  readonly hex: string;
  /** What another reader made of it; empty texts where it found nothing. */
  readonly tshark: {
    readonly method: string;
    readonly status: string;
    readonly call_id: string;
    readonly cseq: string;
    readonly from_tag: string;
    readonly to_tag: string;
  };
}

/** Faults that are there: invented methods with an INVITE's CSeq, doubled To, broken lengths, keep-alives that are stubs. */
const FAULTY = new Set([
  'ndpi/http_on_sip_port.pcap',
  'sipnab/c07-sip-r2.cap',
  'sipnab/metasploit-sip-invite-spoof.pcap',
  'sipnab/udp_5060.pcap',
  'suricata/sip-header-multi-value.pcap',
  'suricata/sip-sdp.pcap',
  'zeek/invalid-content-length.pcap',
]);

withVectors(
  'field/sip-messages',
  'captured messages say to us what they say to another reader',
  (t, folder) => {
    const captures = readFileSync(`${folder}/open.jsonl`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Capture);
    t.true(captures.length > 250);
    for (const { src, frame, proto, hex, tshark } of captures) {
      const message = readMessage(Buffer.from(hex, 'hex'));
      if (message === undefined) {
        t.true(proto === 'tcp-segment', `${src} ${frame}`);
        continue;
      }
      const read = {
        method: message.kind === 'request' ? message.method : '',
        status: message.kind === 'response' ? String(message.status) : '',
        call_id: message.callId,
      };
      t.like(tshark, read, `${src} ${frame}`);
      if (FAULTY.has(src)) continue;
      t.is(faultOf(message), undefined, `${src} ${frame}`);
      const cseq = `${message.cseq?.number} ${message.cseq?.method}`;
      const seen = { cseq, from_tag: message.fromTag ?? '', to_tag: message.toTag ?? '' };
      t.like(tshark, seen, `${src} ${frame}`);
      for (const element of [...message.values('route'), ...message.values('record-route')]) {
        const uri = parseNameAddr(element)?.uri;
        t.truthy(uri !== undefined && parseUri(uri), `${src} ${frame} ${element}`);
      }
      if (message.kind === 'response') continue;
      const response = writeResponse(message, { status: 200, toTag: 'x', recordRoute: true });
      for (const name of ['via', 'record-route', 'from', 'call-id', 'cseq']) {
        t.is(response.lines(name), message.lines(name), `${src} ${frame} ${name}`);
      }
    }
  },
);

withVectors(
  'field/streams',
  'the messages of a mobile network, sent as one stream, are cut where they end',
  (t, folder) => {
    const file = readFileSync(`${folder}/lioneagle-sip_msg.txt`, 'latin1');
    const named = file.match(/^name = /gm)?.length ?? 0;
    const stream = Buffer.from(file.replace(/^(?:=+|name = .*)(?:\r\n|$)/gm, ''), 'latin1');
    const framer = new StreamFramer();
    const messages: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += 97) {
      messages.push(...framer.push(stream.subarray(at, at + 97)).filter((framed) => framed !== 'ping'));
    }
    t.is(framer.broken, undefined);
    t.is(framer.pending, 0);
    t.true(named > 20);
    t.is(messages.length, named);
    for (const octets of messages) {
      const message = readMessage(octets);
      t.is(message && faultOf(message), undefined, Buffer.from(octets).toString('latin1'));
    }
  },
);
