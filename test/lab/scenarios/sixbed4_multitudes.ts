/** Row about plenty: strangers by the thousand, datagrams that are never completed, and targets by the ten thousand. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ipv6Text } from '#socket6bed4/address/ipv6.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import type { Talker } from '../talker.ts';
import { inScene, placePeer, type Scene } from './sixbed4_scene.ts';
import { counted, type Finding, isSo, type Pace, withinMs } from './sixbed4_tale.ts';
import { MEGABYTE, PORT, prefixOctets } from './sixbed4_villain.ts';

/** Strangers by the hundred, datagrams that are never completed, and 10 000 targets named by somebody who calls. */
export async function multitudes({ isShort }: Pace): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const victim = await placePeer(scene, 'victim', 'public', { bind: { port: PORT } });
    const friend = await placePeer(scene, 'friend', 'cone');
    await friend.talker.ping(victim.talker.own, 2000);
    const before = await victim.talker.report();
    const strangers = await flooded(scene, victim.talker, isShort ? 400 : 3000);
    const targets = await scattered(scene, victim.talker, 10_000);
    const grown = ((await victim.talker.report()).memory - before.memory) / MEGABYTE;
    return [
      ...strangers,
      ...targets,
      isSo('memory of the victim grew by', `${grown.toFixed(1)} MB`, '≤ 8 MB', grown <= 8),
      withinMs('friends still talk', await friend.talker.ping(victim.talker.own, 2000), 200),
    ];
  });
}

async function flooded({ lab }: Scene, victim: Talker, count: number): Promise<readonly Finding[]> {
  const host = await lab.host('crowd', { ipv6: false });
  const capture = await host.capture();
  const program = new URL('../peers/flood.ts', import.meta.url).pathname;
  const flood = host.run(process.execPath, [program, host.ipv4, victim.own.address, String(count)]);
  await flood.exit(60_000);
  await sleep(2500);
  const packets = await capture.stop();
  const octets = (from: string) =>
    packets
      .filter((each) => each.transport === 'udp' && each.from.address === from)
      .reduce((sum, { payload }) => sum + payload.length, 0);
  const [said, answered] = [octets(host.ipv4), octets(victim.host.ipv4)];
  return [
    counted(`${count} strangers: datagrams`, Number(flood.output), 5 * count),
    isSo(
      'octets to them and from them',
      `${answered} for ${said}`,
      'a fifth at most',
      said > 0 && answered < said / 5,
    ),
  ];
}

async function scattered({ router }: Scene, victim: Talker, count: number): Promise<readonly Finding[]> {
  const prefix = prefixOctets(router);
  const capture = await victim.host.capture();
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    // 45.0.0.0/8 is nobody's in the laboratory.
    const address = ipv6Text(addressOf(prefix, { ipv4: 0x2d000000 + i, port: 5000 }));
    victim.do({ do: 'send', to: { address, port: PORT }, text: 'anybody there?' });
  }
  await victim.report();
  await sleep(2500);
  const seconds = (performance.now() - began) / 1000;
  const packets = await capture.stop();
  const isThere = ({ address }: { readonly address: string }) => address.startsWith('45.');
  const probed = packets.filter(({ to }) => isThere(to));
  const neighbours = new Set(probed.map(({ to }) => to.address)).size;
  const most = Math.ceil(32 + 16 * seconds);
  return [
    counted(`${count} targets: of them probed`, neighbours, 1, most),
    // An empty datagram and a solicitation, three times.
    counted('datagrams to them', probed.length, 1, 6 * most),
  ];
}
