/** The card's rules, loaded into a namespace: what comes in, what goes out, and how it is marked on the wire. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../lab/command.ts';
import { inLab } from '../lab/in_lab.ts';
import { whereIs } from '../support/programs.ts';
import { CS3, EF, marks, NONE } from './marks.ts';
import { DEVICE } from './staged.ts';
import { FirewalledWire, OPEN_TCP, OPEN_UDP, PEER, PHONE, TELEPHONE } from './wire_with_firewall.ts';

const CLOSED_UDP = [9, 53, 68, 546, 1024, 3544, 5353, 16_383, 16_584, 25_789, 40_000];
const CLOSED_TCP = [22, 80, 8080, 8442];

inLab()('nft takes the rules, and takes no broken ones', async (t) => {
  await using wire = await FirewalledWire.create();
  const check = (rules: string) =>
    command('ip', ['netns', 'exec', wire.phone, 'nft', '-c', '-f', '-'], rules);
  await t.notThrowsAsync(check(FirewalledWire.rules()));
  await t.throwsAsync(check(FirewalledWire.rules().replace('policy drop', 'policy maybe')));
  t.regex(await wire.nft('list', 'chain', 'inet', 'dualtone', 'forward'), /policy drop/);
});

inLab()('of both families the ports of a telephone are open, and no others', async (t) => {
  await using wire = await FirewalledWire.create();
  const [phone, peer] = [wire.end('phone'), wire.end('peer')];
  await phone.listen('udp', [...OPEN_UDP, ...CLOSED_UDP]);
  await phone.listen('tcp', [...OPEN_TCP, ...CLOSED_TCP]);
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const port of [...CLOSED_UDP, ...OPEN_UDP])
      await peer.send({ from: PEER[family], to: PHONE[family], port });
    t.deepEqual(await phone.arrived(), OPEN_UDP, family);
    for (const port of OPEN_TCP) t.true(await peer.opens(PHONE[family], port), `${family} ${port}`);
    for (const port of CLOSED_TCP) t.false(await peer.opens(PHONE[family], port), `${family} ${port}`);
  }
  // The same without rules: what is closed is closed by them.
  await wire.nft('flush', 'ruleset');
  for (const port of CLOSED_UDP) await peer.send({ from: PEER.ipv4, to: PHONE.ipv4, port });
  t.deepEqual(await phone.arrived(), CLOSED_UDP);
  t.true(await peer.opens(PHONE.ipv6, 22));
});

inLab()('DHCP servers, multicast DNS and the answers of a group are heard', async (t) => {
  await using wire = await FirewalledWire.create();
  const [phone, peer] = [wire.end('phone'), wire.end('peer')];
  await phone.listen('udp', [68, 546]);
  await phone.listen('udp', [5353], '224.0.0.251');
  await peer.send({ from: PEER.ipv4, fromPort: 67, to: PHONE.ipv4, port: 68 });
  await peer.send({ from: PEER.link, fromPort: 40_002, to: PHONE.link, port: 546 });
  await peer.send({ from: PEER.ipv4, fromPort: 5353, to: '224.0.0.251', port: 5353 });
  await peer.send({ from: PEER.ipv4, fromPort: 40_003, to: '224.0.0.251', port: 5353 });
  t.deepEqual(await phone.arrived(), [68, 546, 5353, 5353]);

  // SIP plug and play: whoever answers was not the one that was asked.
  const answer = { from: PEER.ipv4, fromPort: 1036, to: PHONE.ipv4, port: 41_000 };
  await phone.send({ from: PHONE.ipv4, fromPort: 41_000, to: PEER.ipv4, port: 5061 });
  await peer.send(answer);
  t.deepEqual(await phone.arrived(), []);
  await phone.send({ from: PHONE.ipv4, fromPort: 41_000, to: '224.0.1.75', port: 5060 });
  await peer.send(answer);
  t.deepEqual(await phone.arrived(), [41_000]);
});

inLab()('what the telephone asks is answered to it, and it can be pinged', async (t) => {
  await using wire = await FirewalledWire.create();
  const [phone, peer] = [wire.end('phone'), wire.end('peer')];
  await peer.listen('udp', [53]);
  for (const family of ['ipv4', 'ipv6'] as const) {
    await phone.send({ from: PHONE[family], fromPort: 41_500, to: PEER[family], port: 53 });
    t.deepEqual(await peer.arrived(), [53]);
    const ping = ['netns', 'exec', wire.peer, 'ping', '-c', '1', '-W', '1', PHONE[family]];
    await t.notThrowsAsync(command('ip', ping));
  }
  await peer.send({ from: '::', fromPort: 53, to: PHONE.ipv6, port: 41_500 });
  t.deepEqual(await phone.arrived(), [41_500]);
});

/** What arrives of Teredo: at the telephone, and from it. */
async function teredo(isFirewalled: boolean): Promise<readonly (readonly number[])[]> {
  await using wire = await FirewalledWire.create();
  if (!isFirewalled) await wire.nft('flush', 'ruleset');
  const [phone, peer] = [wire.end('phone'), wire.end('peer')];
  await phone.listen('udp', [5060, 3544]);
  await peer.listen('udp', [5060, 3544]);
  for (const [end, own, other] of [
    [peer, PEER, PHONE],
    [phone, PHONE, PEER],
  ] as const) {
    await end.send({ from: own.teredo, to: other.teredo, port: 5060 });
    await end.send({ from: own.ipv6, to: other.teredo, port: 5060 });
    await end.send({ from: own.ipv4, fromPort: 40_004, to: other.ipv4, port: 3544 });
    await end.send({ from: own.ipv4, fromPort: 3544, to: other.ipv4, port: 5060 });
  }
  return [await phone.arrived(), await peer.arrived()].map((ports) => ports.toSorted());
}

inLab()('Teredo gets neither in nor out', async (t) => {
  t.deepEqual(await teredo(true), [[], []]);
  const all = [3544, 5060, 5060, 5060];
  t.deepEqual(await teredo(false), [all, all], 'it is the rules that keep it out');
});

inLab()('ssh is open while its service runs', async (t) => {
  await using wire = await FirewalledWire.create();
  const [phone, peer] = [wire.end('phone'), wire.end('peer')];
  await phone.listen('tcp', [22]);
  const data = mkdtempSync(join(tmpdir(), 'dualtone-ssh-'));
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  mkdirSync(join(data, 'ssh'));
  if (whereIs('dropbearkey') === undefined) writeFileSync(join(data, 'ssh/host_ed25519'), 'a key');
  const ssh = (verb: string) =>
    command('ip', [
      'netns',
      'exec',
      wire.phone,
      'env',
      `DUALTONE_DATA=${data}`,
      join(DEVICE, 'usr/lib/dualtone/ssh'),
      verb,
    ]);
  t.false(await peer.opens(PHONE.ipv4, 22));
  await ssh('open');
  t.true(statSync(join(data, 'ssh/host_ed25519')).size > 0);
  t.true(await peer.opens(PHONE.ipv4, 22));
  t.true(await peer.opens(PHONE.ipv6, 22));
  await ssh('open');
  await ssh('close');
  t.false(await peer.opens(PHONE.ipv6, 22));
});

inLab()(
  'voice is EF, signalling CS3, of the telephone alone, and of the tunnel the outer packets',
  async (t) => {
    await using wire = await FirewalledWire.create();
    const [telephone, other] = [wire.end('phone', TELEPHONE), wire.end('phone')];
    const packets = await marks(wire, async () => {
      for (const family of ['ipv4', 'ipv6'] as const) {
        const way = { from: PHONE[family], to: PEER[family], port: 7000 };
        await telephone.send({ ...way, fromPort: 16_384 });
        await telephone.send({ ...way, fromPort: 16_583 });
        await telephone.send({ ...way, fromPort: 5060 });
        await telephone.send({ ...way, fromPort: 42_000 });
        await other.send({ ...way, fromPort: 16_400 });
        await telephone.opens(PEER[family], 5060);
      }
      const outer = { from: PHONE.ipv4, to: PEER.ipv4, port: 7000, fromPort: 25_790 };
      await telephone.send({ ...outer, size: 232 });
      await telephone.send({ ...outer, size: 900, port: 7001 });
    });
    const mark = (family: number, port: number, to = 7000) =>
      packets.find((one) => one.family === family && one.port === port && one.to === to)?.dscp;
    for (const family of [4, 6]) {
      t.is(mark(family, 16_384), EF);
      t.is(mark(family, 16_583), EF);
      t.is(mark(family, 5060), CS3);
      t.is(mark(family, 42_000), NONE);
      t.is(mark(family, 16_400), NONE, 'of another user');
      const opening = packets.find((one) => one.family === family && one.to === 5060);
      t.is(opening?.dscp, CS3, 'a connection');
    }
    t.is(mark(4, 25_790), EF);
    t.is(mark(4, 25_790, 7001), NONE, 'too large for voice');
  },
);
