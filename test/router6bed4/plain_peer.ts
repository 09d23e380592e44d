/**
 * node plain_peer.ts ROUTER [ADDRESS PORT]: a peer that always goes by its router. It prints its address, then every
 * packet that comes; answers pings, and datagrams by what they say; and speaks to ADDRESS until that one answers.
 */
import { createSocket } from 'node:dgram';
import { type Ipv6, ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { ROUTER_PORT } from '#socket6bed4/address/sixbed4.ts';
import { echoReply } from '#socket6bed4/packet/icmpv6.ts';
import { destinationOf, hopLimitOf, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import { ROUTER_SOLICITATION, readAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { readUdp, udpPacket } from '#socket6bed4/packet/udp.ts';

const ECHO_PORT = 7;
const [router = '', remote = '', port = '0'] = process.argv.slice(2);
const target = parseIpv6(remote);
const socket = createSocket('udp4');
let own: Ipv6 | undefined;
let answered = target === undefined;

const send = (packet: Uint8Array) => socket.send(packet, ROUTER_PORT, router);
const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

socket.on('message', (packet) => {
  const advertisement = readAdvertisement(packet);
  if (typeof advertisement === 'object') {
    own = advertisement.address;
    own[15] = 1;
    tell({ address: ipv6Text(own) });
    return;
  }
  const udp = readUdp(packet);
  const from = ipv6Text(sourceOf(packet));
  tell({
    from,
    hopLimit: hopLimitOf(packet),
    type: packet[40],
    text: udp && Buffer.from(udp.payload).toString(),
  });
  const reply = echoReply(packet);
  if (reply !== undefined) send(reply);
  if (udp?.destinationPort !== ECHO_PORT) return;
  if (from === remote) answered = true;
  else {
    const here = { address: destinationOf(packet), port: ECHO_PORT };
    send(udpPacket(here, { address: sourceOf(packet), port: udp.sourcePort }, udp.payload, 64));
  }
});

setInterval(() => {
  if (own === undefined) return send(ROUTER_SOLICITATION);
  if (answered || target === undefined) return;
  const there = { address: target, port: Number(port) };
  send(udpPacket({ address: own, port: ECHO_PORT }, there, Buffer.from('from the peer'), 64));
}, 200);
