/**
 * Teredo, never: a phone and a far host both have an address of 2001:0::/32 on their interfaces, with a route between
 * them, and a SIP server that would answer there. Each rule is tried, and the wire is watched all the while.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTeredo } from '#address/ip.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { type Asked, MEDIA_PORT } from '../asker.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { startPhone } from '../phone.ts';
import { type Behaviour, SipServer } from '../sip_server.ts';

const OURS = '2001:0:5ef5:79fb::11';
const FAR = '2001:0:5ef5:79fb::22';

export interface Check {
  readonly rule: string;
  readonly kept: boolean;
  /** What was seen, for people. */
  readonly seen: string;
}

interface Stage {
  readonly lab: Lab;
  readonly host: Host;
  readonly far: Host;
  readonly server: SipServer;
  readonly phone: PhoneProcess;
}

type Rule = (stage: Stage) => Promise<Omit<Check, 'rule'>>;

/** A call to this URI fails at once. */
function refused(uri: string, behaviour: Behaviour = {}): Rule {
  return async ({ phone, server }) => {
    server.behave(behaviour);
    const started = performance.now();
    const { code, output } = await phone.verb('dial', uri, '--wait');
    await phone.verb('hangup');
    const seen = `${Math.round(performance.now() - started)} ms: ${output.trim()}`;
    return { kept: code !== 0 && performance.now() - started < 5000, seen };
  };
}

/** A call to the server that is told a Teredo address only in the answer; the wire tells whether it was used. */
function answered(behaviour: Behaviour): Rule {
  return async ({ phone, server }) => {
    server.behave(behaviour);
    const { output } = await phone.verb('dial', 'sip:bob@four.lab', '--wait');
    await sleep(400);
    await phone.verb('hangup');
    return { kept: true, seen: output.trim() };
  };
}

const RULES: Readonly<Record<string, Rule>> = {
  'no socket is bound to it': async ({ host }) => {
    const sockets = host.run('ss', ['-Hlntu6']);
    await sockets.exit(5000);
    return { kept: !sockets.output.includes('[2001:0:'), seen: 'see ss -lntu6' };
  },
  'it does not count as IPv6, and the status says that it was met': async ({ phone }) => {
    const { network } = await phone.status();
    const kept = !network.native6 && network.teredoSeen && !network.ipv6.some((address) => isTeredo(address));
    return { kept, seen: JSON.stringify({ native6: network.native6, ipv6: network.ipv6 }) };
  },
  'refused as literal': refused(`sip:bob@[${FAR}]`),
  'refused as the only address of a name': refused('sip:bob@six.lab'),
  'refused as the only address of an SRV target': refused('sip:bob@srv.lab'),
  'refused as target of a redirection': refused('sip:bob@four.lab', { redirect: `<sip:bob@[${FAR}]>` }),
  'left out where a name has others': async ({ phone, server, far }) => {
    server.behave({});
    const { code, output } = await phone.verb('dial', 'sip:bob@both.lab', '--wait');
    await phone.verb('hangup');
    const over = server.heard.findLast(({ method }) => method === 'INVITE')?.local;
    return { kept: code === 0 && over === far.ipv4, seen: output.trim() };
  },
  'not used as remote target': answered({ contact: `<sip:bob@[${FAR}]>` }),
  'not used as route': answered({ recordRoute: `<sip:[${FAR}];lr>` }),
  'not sent sound': answered({ media: FAR }),
  'an offer with nothing else gets 488': async ({ lab, host, far }) => {
    const file = join(lab.directory, 'teredo.sdp');
    const place = `IN IP6 ${FAR}`;
    const lines = [
      'v=0',
      `o=- 1 1 ${place}`,
      's=-',
      `c=${place}`,
      't=0 0',
      `m=audio ${MEDIA_PORT} RTP/AVP 8`,
    ];
    writeFileSync(file, `${lines.join('\r\n')}\r\n`);
    const words = [new URL('../asker.ts', import.meta.url).pathname, far.ipv4, host.ipv4, '5060', '10', file];
    const asker = far.run(process.execPath, [...words, '5070']);
    await asker.exit(20_000);
    const asked: Asked = JSON.parse(asker.output);
    return { kept: asked.status === 488, seen: String(asked.status) };
  },
  'a packet from it is dropped and counted': async ({ phone, far }) => {
    const before = (await phone.status()).dropped;
    const said = await send(far, FAR, OURS, '');
    const after = (await phone.status()).dropped;
    const counted = (dropped: Readonly<Record<string, number>>) => dropped.teredo ?? 0;
    return {
      kept: said === 'silence' && counted(after) > counted(before),
      seen: `${said}, ${JSON.stringify(after)}`,
    };
  },
  'a packet to it from elsewhere gets no answer from it': async ({ far }) => {
    const said = await send(far, far.ipv6, OURS, '');
    return { kept: said === 'silence', seen: said };
  },
  'echoed in Via like anything else': async ({ lab, host, far }) => {
    const file = join(lab.directory, 'reflected.txt');
    const via = `Via: SIP/2.0/UDP [${FAR}]:5060;branch=z9hG4bKlower;received=${OURS}`;
    writeFileSync(file, reflected(far, host, via));
    const said = await send(far, far.ipv4, host.ipv4, file);
    return { kept: said.includes(`${via}\r\n`), seen: said.split('\r\n')[0] ?? '' };
  },
};

/** One datagram, and what came back; an OPTIONS where there is no file. */
async function send(sender: Host, from: string, to: string, file: string): Promise<string> {
  const program = new URL('../client.ts', import.meta.url).pathname;
  const client = sender.run(process.execPath, [program, 'udp', to, '5060', '800', from, file]);
  await client.exit(8000);
  return client.output.trim();
}

function reflected(far: Host, host: Host, via: string): string {
  const lines = [
    `OPTIONS sip:${host.ipv4} SIP/2.0`,
    `Via: SIP/2.0/UDP ${far.ipv4};branch=z9hG4bKtop;rport`,
    via,
    'Max-Forwards: 70',
    `From: <sip:far@${far.ipv4}>;tag=far`,
    `To: <sip:${host.ipv4}>`,
    'Call-ID: reflected',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export async function teredo(): Promise<readonly Check[]> {
  await using lab = await Lab.create();
  const host = await lab.host('phone', { ipv6: false });
  const far = await lab.host('far');
  await host.addAddress(OURS);
  await far.addAddress(FAR);
  await lab.dns([
    `six.lab. 60 IN AAAA ${FAR}`,
    `four.lab. 60 IN A ${far.ipv4}`,
    `both.lab. 60 IN AAAA ${FAR}`,
    `both.lab. 60 IN A ${far.ipv4}`,
    '_sip._udp.srv.lab. 60 IN SRV 1 0 5060 six.lab.',
    '_sip._tcp.srv.lab. 60 IN SRV 1 0 5060 six.lab.',
  ]);
  const server = await SipServer.start(lab, far);
  const phone = await startPhone(lab, host, { security: { allow: [far.ipv4, far.ipv6, FAR] } });
  const open = await send(host, OURS, FAR, '');
  const capture = await host.capture();
  const checks: Check[] = [
    {
      rule: 'the way is open: another program of the host gets its answer there',
      kept: open.startsWith('SIP/2.0 200'),
      seen: open.split('\r\n')[0] ?? '',
    },
  ];
  for (const [rule, tried] of Object.entries(RULES)) {
    checks.push({ rule, ...(await tried({ lab, host, far, server, phone })) });
  }
  await phone.stop();
  const packets = await capture.stop();
  const used = packets.filter(
    ({ from, to, transport }) =>
      (transport === 'udp' || transport === 'tcp') &&
      (from.address === OURS || (to.address === FAR && host.addresses.includes(from.address))),
  );
  const named = packets.filter(
    ({ from, payload, sip }) =>
      sip !== undefined && !sip.startsWith('SIP/') && from.address === host.ipv4 && payload.includes(OURS),
  );
  return [
    ...checks,
    {
      rule: 'no packet of ours left from it or went to it',
      kept: used.length === 0,
      seen: `${used.length} packets`,
    },
    { rule: 'no message of ours names our own', kept: named.length === 0, seen: `${named.length} messages` },
  ];
}
