/**
 * No server at all: telephones on one LAN that wish the same extension find each other, agree on numbers although one
 * is switched off and on in the midst of it, and call each other over both families; avahi sees them, they see what
 * others publish, and who is not on the LAN gets no answer.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallStatus, Status } from '#phone/types.ts';
import { Authority } from '../../net/certificates.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import { familyOf } from '../addressing.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { Avahi } from '../peers/avahi.ts';
import { startPhone } from '../phone.ts';
import { Street, withLinkLocalOnly, withoutIpv6 } from '../street.ts';

export interface Finding {
  readonly what: string;
  readonly good: boolean;
  readonly seen: string;
}

const WISH = '204';
/** Blink's records as its source writes them, at a port of their own. */
const BLINK = { user: '31208005164', port: 5070 };

interface Phone {
  readonly host: Host;
  readonly name: string;
  phone: PhoneProcess;
}

/** `short`: one call of each kind. */
export async function neighbours(short = false): Promise<readonly Finding[]> {
  await using lab = await Lab.create();
  const street = await Street.build(lab);
  const findings: Finding[] = [];
  const find = (what: string, good: boolean, seen: string) => void findings.push({ what, good, seen });

  await pair(lab, street, find);
  await secured(lab, street, find);
  // avahi is there first, and has port 5353.
  const kitchen = await street.host('kitchen');
  const avahi = await Avahi.start(lab, kitchen);
  const hosts = [kitchen, await street.host('hall'), await street.host('bedroom')];
  const phones = await claim(lab, hosts, find);
  await seenByAvahi(avahi, phones, find);
  const two = phones.slice(0, 2);
  await calls(short ? two : phones, 6, find);
  const [, hall] = phones;
  if (hall === undefined) return findings;
  if (!short) {
    await withLinkLocalOnly(hall.host);
    await calls([hall, ...phones.slice(0, 1)], 6, find);
  }
  await withoutIpv6(hall.host);
  await calls(two, 4, find);
  await blink(lab, street, phones, find);
  await stranger(lab, phones, find);
  return findings;
}

type Find = (what: string, good: boolean, seen: string) => void;

/** Two that nobody contradicts: how long from the start of their processes. */
async function pair(lab: Lab, street: Street, find: Find): Promise<void> {
  const begun = Date.now();
  const hosts = [await street.host('garage'), await street.host('attic')];
  const started = Date.now();
  const phones = await Promise.all(hosts.map((host, index) => start(lab, host, index === 0 ? '221' : '222')));
  const ready = ({ phone }: Phone) =>
    /"neighbour 22/.test(phone.output) && /"neighbours reach/.test(phone.output);
  await until(
    'both know each other',
    () => phones.every(ready),
    10_000,
    () => phones[0]?.phone.output ?? '',
  );
  const ms = Math.max(...phones.map(({ phone }) => lastTime(phone, /^neighbour/))) - started;
  const network = phones.map(({ phone }) => lastTime(phone, /^neighbour/) - lastTime(phone, /^SIP at port/));
  const seen = `${ms} ms after their processes were begun (${Math.max(...network)} ms after SIP was heard)`;
  find('two telephones without any server can call each other', started - begun < 10_000 && ms < 5_000, seen);
  await Promise.all(phones.map(({ phone }) => phone.stop()));
}

/**
 * Two that nobody gave a certificate call each other over TLS by keys of their own, also after a restart; one that has
 * forgotten its key is not called any more, and who dials it reads why. One with a certificate of an authority beside them.
 */
async function secured(lab: Lab, street: Street, find: Find): Promise<void> {
  const hosts = [await street.host('study'), await street.host('cellar')];
  const [study, cellar] = await Promise.all(hosts.map((host, index) => start(lab, host, `23${index}`)));
  if (study === undefined || cellar === undefined) return;
  await overTls(study, cellar, find);
  await overTls(cellar, study, find);
  const number = (await cellar.phone.status()).extension;
  await cellar.phone.stop();
  const again = await start(lab, cellar.host, number);
  await overTls(study, again, find, 'after a restart');
  await withAuthority(lab, street, study, find);
  await impostor(again, study, find);
  writeFileSync(join(again.phone.directory, 'data', 'factory-reset'), '');
  const forgetful = await start(lab, cellar.host, number);
  await knows(study, forgetful, 'changed');
  const { code, output } = await study.phone.verb('dial', '--wait', number);
  const refused = code === 1 && output.includes(`${number} shows another key than before`);
  find('one that comes with another key after a factory reset is not called', refused, output.trim());
  await study.phone.verb('hook', 'off');
  await study.phone.verb('press', `${number}#`);
  const screen = (await study.phone.verb('screen')).output;
  find('the display says why', screen.includes('Key has changed'), screen.trim().split('\n').at(-1) ?? '');
  await Promise.all([study, forgetful].map(({ phone }) => phone.stop()));
}

/** Says what it hears over TLS. */
const IMPOSTOR = `const [cert, key] = process.argv.slice(1).map((file) => require('node:fs').readFileSync(file));
const hear = (socket) => socket.on('error', () => {}).on('data', (octets) => console.log(String(octets)));
for (const host of ['::', '0.0.0.0'])
  require('node:tls').createServer({ cert, key }, hear)
    .listen({ port: 5061, host, ipv6Only: host === '::' }, () => console.log('listens'));`;

/** It dies without a word, and at its address and port somebody else answers, of whom its records still speak. */
async function impostor({ host, phone }: Phone, caller: Phone, find: Find): Promise<void> {
  const number = (await phone.status()).extension;
  phone.kill('SIGKILL');
  await phone.ended;
  const authority = new Authority();
  try {
    const { certificateFile, keyFile } = authority.issue({ names: null });
    const server = host.run(process.execPath, ['-e', IMPOSTOR, certificateFile, keyFile]);
    await until('it listens', () => server.output.split('listens').length > 2, 5000);
    const { code, output } = await caller.phone.verb('dial', '--wait', number);
    const heard = /INVITE|SIP\/2.0/.test(server.output);
    const told = output.includes('not the one by which this telephone is known');
    const good = code === 1 && told && !heard;
    find('who answers in its place without its key hears nothing, and the caller why', good, output.trim());
    await server.stop();
  } finally {
    authority.remove();
  }
}

async function withAuthority(lab: Lab, street: Street, study: Phone, find: Find): Promise<void> {
  const authority = new Authority();
  try {
    const loft = await start(lab, await street.host('loft'), '233', keyOf(authority));
    await overTls(study, loft, find);
    await overTls(loft, study, find);
    await loft.phone.stop();
  } finally {
    authority.remove();
  }
}

async function overTls(
  from: Phone,
  to: Phone,
  find: Find,
  when = 'by the key of the first contact',
): Promise<void> {
  await Promise.all([knows(from, to, 'pinned'), knows(to, from, 'pinned')]);
  const { out, error } = await talk(from, to, (await to.phone.status()).extension, to);
  const ended = out === undefined ? undefined : (await from.phone.call('ended')).cause;
  const transport = out?.signalling?.transport;
  find(
    `${from.name} calls ${to.name} over TLS ${when}, and is hung up on`,
    transport === 'tls' && ended === 'The peer hung up',
    error ?? `${out?.signalling?.family} ${transport}, ${ended}`,
  );
}

function keyOf(authority: Authority): object {
  const { certificateFile, keyFile } = authority.issue({ names: null });
  return { tlsCertificate: certificateFile, tlsKey: keyFile };
}

async function knows(one: Phone, other: Phone, trust: string): Promise<void> {
  await until(
    `${one.name} knows ${other.name}: ${trust}`,
    async () =>
      (await one.phone.status()).neighbours.some(
        (each) => each.fresh && each.name === other.name && each.trust === trust,
      ),
    15_000,
    () => one.phone.output,
  );
}

/** Three that wish the same; one is killed in the midst of its claim, and started again. */
async function claim(lab: Lab, hosts: readonly Host[], find: Find): Promise<readonly Phone[]> {
  const begun = Date.now();
  const phones = await Promise.all(hosts.map((host) => start(lab, host)));
  const victim = phones[2];
  if (victim !== undefined) {
    await until('it claims', () => victim.phone.output.includes('SIP at port'), 8000);
    victim.phone.kill('SIGKILL');
    await victim.phone.ended;
    const inTime = !victim.phone.output.includes('neighbours reach');
    find('one of three is killed in the midst of its claim, and started again', inTime, '');
    victim.phone = (await start(lab, victim.host)).phone;
  }
  const settled = await until(
    'all have numbers of their own, and know each other',
    async () => {
      const all = await Promise.all(phones.map(({ phone }) => phone.status()));
      const numbers = new Set(all.map(({ extension }) => extension));
      return numbers.size === phones.length && all.every((one) => knowsAll(one, all)) ? all : undefined;
    },
    30_000,
    () => phones.map(({ phone }) => phone.output).join('\n---\n'),
  );
  const numbers = settled.map(({ extension }) => extension);
  find('three that wished 204 have numbers of their own', true, numbers.join(', '));
  const all = Math.max(...phones.map(({ phone }) => lastTime(phone, /^neighbours reach/))) - begun;
  find('all have settled, from the start of the first', all < 20_000, `${all} ms`);
  return phones;
}

async function start(lab: Lab, host: Host, extension = WISH, net: object = {}): Promise<Phone> {
  const name = host.name[0]?.toUpperCase() + host.name.slice(1);
  const config = { name, extension, net, neighbours: { mode: 'auto' } };
  return { host, name, phone: await startPhone(lab, host, config) };
}

function knowsAll({ neighbours, extension }: Status, all: readonly Status[]): boolean {
  return all.every(
    (other) =>
      other.extension === extension ||
      neighbours.some((each) => each.fresh && each.extension === other.extension),
  );
}

/** When its log said so last; ms since the epoch. */
function lastTime({ output }: PhoneProcess, what: RegExp): number {
  const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  const all = lines.map((line): { time: string; text: string } => JSON.parse(line));
  return Math.max(...all.flatMap(({ time, text }) => (what.test(text) ? [Date.parse(time)] : [])));
}

async function seenByAvahi(avahi: Avahi, phones: readonly Phone[], find: Find): Promise<void> {
  for (const type of ['_sipuri._udp', '_sipuri._tcp']) {
    const lines = await avahi.browse(type);
    const seen = await Promise.all(
      phones.map(async ({ phone, name }) => {
        const { extension } = await phone.status();
        return lines.filter((line) => line.includes(`"ext=${extension}"`) && line.includes(`"name=${name}"`));
      }),
    );
    const families = seen.map((own) => new Set(own.map((line) => line.split(';')[2])).size);
    find(
      `avahi-browse ${type} shows all, beside one of them on port 5353`,
      seen.every(({ length }) => length > 0),
      `${lines.length} lines; families of each: ${families.join(', ')}`,
    );
  }
}

/** Everybody calls everybody by number. */
async function calls(phones: readonly Phone[], family: 4 | 6, find: Find): Promise<void> {
  for (const from of phones) {
    for (const to of phones.filter((other) => other !== from)) {
      const { extension } = await to.phone.status();
      const call = await talk(from, to, extension);
      const good = call.out?.signalling?.family === `ipv${family}` && call.in?.name === from.name;
      const way = call.out?.signalling ?? undefined;
      const media = call.out?.media?.family;
      find(
        `${from.name} calls ${to.name} (${extension}) over IPv${family}`,
        good && media === `ipv${family}`,
        call.error ?? `${way?.family} ${way?.transport}, sound ${media}, caller shown as ${call.in?.name}`,
      );
    }
  }
}

interface Talk {
  readonly out?: CallStatus;
  readonly in?: CallStatus;
  readonly error?: string;
}

async function talk(from: Phone, to: Phone, number: string, ends = from): Promise<Talk> {
  const dialled = await from.phone.verb('dial', number);
  if (dialled.code !== 0) return { error: dialled.output.trim() };
  try {
    await to.phone.call('ringing');
    await to.phone.verb('answer');
    await from.phone.call('talking');
    const heard = await until('sound', async () => {
      const call = (await from.phone.status()).calls.at(-1);
      return (call?.media?.received ?? 0) > 5 ? call : undefined;
    });
    const incoming = await to.phone.call('talking');
    await ends.phone.verb('hangup');
    await to.phone.call('ended');
    return { out: heard, in: incoming };
  } catch (error) {
    await from.phone.verb('hangup');
    return { error: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

/** Records as Blink publishes them, by avahi, and SIPp where they lead. */
async function blink(lab: Lab, street: Street, phones: readonly Phone[], find: Find): Promise<void> {
  const host = await street.host('blink');
  const avahi = await Avahi.start(lab, host);
  const uri = `sip:${BLINK.user}@${host.ipv4}:${BLINK.port}`;
  await avahi.publish({
    name: uri,
    type: '_sipuri._udp',
    port: BLINK.port,
    texts: [
      'txtvers=1',
      'name=Ada',
      `contact=<${uri}>`,
      'instance_id=f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      'state=available',
    ],
  });
  host.run('sipp', ['-sn', 'uas', '-i', host.ipv4, '-p', String(BLINK.port), '-nostdin', '-timeout', '60']);
  const caller = phones[0];
  if (caller === undefined) return;
  const ada = await until('Ada is seen', async () =>
    (await caller.phone.status()).neighbours.find(({ name, fresh }) => name === 'Ada' && fresh),
  );
  await caller.phone.verb('dial', 'Ada');
  const call = await caller.phone.call('talking');
  await caller.phone.verb('hangup');
  find('a record as of Blink is a neighbour, and can be dialled', ada.extension === BLINK.user, call.peer);
}

/** Somebody behind the router, who asks again and again. */
async function stranger(lab: Lab, phones: readonly Phone[], find: Find): Promise<void> {
  const host = await lab.host('stranger');
  const [target] = phones;
  if (target === undefined) return;
  for (const address of target.host.addresses) {
    const from = host.address(familyOf(address));
    const before = (await target.phone.status()).dropped.stranger ?? 0;
    const words = [
      '-sn',
      'uac',
      '-m',
      '1',
      '-i',
      from,
      '-p',
      '5062',
      '-s',
      WISH,
      '-nostdin',
      '-timeout',
      '4s',
    ];
    const where = address.includes(':') ? `[${address}]:5060` : `${address}:5060`;
    const capture = await host.capture();
    const sipp = host.run('sipp', [...words, '-recv_timeout', '3000', where]);
    await sipp.exit(15_000);
    await sleep(100);
    const packets = (await capture.stop()).filter(({ sip }) => sip !== undefined);
    const answers = packets.filter(({ sip }) => sip?.startsWith('SIP/2.0 '));
    const { calls, dropped } = await target.phone.status();
    const rings = calls.some(({ state, direction }) => direction === 'in' && state !== 'ended');
    const counted = (dropped.stranger ?? 0) - before;
    find(
      `a stranger behind the router rings nobody over IPv${familyOf(address)}`,
      packets.length > 0 && answers.length === 0 && !rings && counted > 0,
      `${packets.length} INVITEs, ${answers.length} answers, ${counted} counted, ${rings ? 'it rang' : 'no ring'}`,
    );
  }
}
