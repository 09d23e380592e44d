/** Ports that the telephone tells its card's firewall, from its configuration to what is open on the wire. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { mergeLayers } from '#provisioning/layers.ts';
import { defaultConfig } from '#provisioning/schema.ts';
import { openPorts } from '../../firmware/telephone/open_ports.ts';
import { command } from '../lab/command.ts';
import { inLab } from '../lab/in_lab.ts';
import { CS3, EF, marks, NONE } from './marks.ts';
import { DEVICE } from './staged.ts';
import { FirewalledWire, OPEN_TCP, OPEN_UDP, PEER, PHONE, TELEPHONE } from './wire_with_firewall.ts';

/** Ports that are not the defaults of any setting. */
const OTHER = {
  sip: [5070, 5071],
  rtp: [20_000, 20_099],
  tunnel: [25_791],
  page: [9443],
};

/** As if the telephone had told these lines; what the program says of them. */
async function told(t: ExecutionContext, wire: FirewalledWire, lines: string) {
  const run = mkdtempSync(join(tmpdir(), 'dualtone-ports-'));
  t.teardown(() => rmSync(run, { recursive: true, force: true }));
  writeFileSync(join(run, 'ports'), lines);
  const words = ['env', `DUALTONE_RUN=${run}`, join(DEVICE, 'usr/lib/dualtone/ports')];
  return command('ip', ['netns', 'exec', wire.phone, ...words]);
}

inLab()('ports that the configuration names are open in place of the defaults, and marked', async (t) => {
  const [sipPort, tlsPort] = OTHER.sip as [number, number];
  const { config } = mergeLayers([
    {
      origin: 'drop file',
      from: '',
      value: {
        net: { sipPort, tlsPort, rtpPorts: OTHER.rtp.join('-'), sixbed4: { port: OTHER.tunnel[0] } },
        admin: { port: OTHER.page[0] },
      },
    },
  ]);
  await using wire = await FirewalledWire.create();
  const [phone, peer] = [wire.end('phone', TELEPHONE), wire.end('peer')];
  const [udp, tcp] = [
    [...OTHER.sip, ...OTHER.rtp, ...OTHER.tunnel],
    [...OTHER.sip, ...OTHER.page],
  ];
  await phone.listen('udp', [...udp, ...OPEN_UDP]);
  await phone.listen('tcp', [...tcp, ...OPEN_TCP]);
  const open = async () => {
    for (const port of [...udp, ...OPEN_UDP]) await peer.send({ from: PEER.ipv6, to: PHONE.ipv6, port });
    const heard = await phone.arrived();
    const opened: number[] = [];
    for (const port of [...tcp, ...OPEN_TCP]) if (await peer.opens(PHONE.ipv4, port)) opened.push(port);
    return [heard, opened];
  };
  t.deepEqual(await open(), [OPEN_UDP, OPEN_TCP]);
  await told(t, wire, openPorts(config));
  t.deepEqual(await open(), [udp, tcp]);
  const packets = await marks(wire, async () => {
    for (const fromPort of [...udp, 5060, 16_384])
      await phone.send({ from: PHONE.ipv4, fromPort, to: PEER.ipv4, port: 7000 });
  });
  t.deepEqual(
    packets.filter(({ to }) => to === 7000).map(({ dscp }) => dscp),
    [CS3, CS3, EF, EF, EF, NONE, NONE],
  );
  await told(t, wire, openPorts(defaultConfig()));
  t.deepEqual(await open(), [OPEN_UDP, OPEN_TCP]);
});

inLab()(
  'what the telephone tells opens ports, all or none, and is nothing else to the firewall',
  async (t) => {
    await using wire = await FirewalledWire.create();
    const before = await wire.nft('list', 'ruleset');
    const good = 'rtp 20000-20099\n';
    for (const lines of [
      '',
      'sip\n',
      `${good}sip 5070,70000\n`,
      `${good}asked 22\n`,
      `${good}ssh 22\n`,
      `${good}sip 22 }; flush ruleset; #\n`,
      `${good}sip $(id),1\n`,
      `${good}page 9443\nflush ruleset\n`,
      `${good}page http\n`,
      `${good}${'x'.repeat(5000)}`,
    ]) {
      await told(t, wire, lines).catch(() => '');
      t.is(await wire.nft('list', 'ruleset'), before, lines.slice(0, 40));
    }
    await told(t, wire, good);
    t.not(await wire.nft('list', 'ruleset'), before);
  },
);
