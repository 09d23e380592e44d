/** A 6bed4 router on loopback that gives addresses and does nothing else: who is seen at 127.0.0.1 has no neighbours. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { isRouterSolicitation, routerAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';

const LOOPBACK = '127.0.0.1';
const ALL_NODES = parseIpv6('ff02::1') ?? new Uint8Array(16);

export class LoopbackRouter {
  readonly #socket: Socket = createSocket('udp4');
  /** False: it is deaf. */
  alive = true;

  static async start(t: ExecutionContext): Promise<LoopbackRouter> {
    const router = new LoopbackRouter();
    router.#socket.bind(0, LOOPBACK);
    await once(router.#socket, 'listening');
    t.teardown(() => router.#socket.close());
    return router;
  }

  private constructor() {
    const ipv4 = parseIpv4(LOOPBACK) ?? 0;
    this.#socket.on('message', (octets, { address, port }) => {
      if (!this.alive || octets.length === 0 || !isRouterSolicitation(octets)) return;
      const prefix = routerPrefix(0x0bed, ipv4);
      this.#socket.send(routerAdvertisement(ALL_NODES, prefix, { ipv4, port }), port, address);
    });
  }

  /** `127.0.0.1:40000`. */
  get text(): string {
    return `${LOOPBACK}:${this.#socket.address().port}`;
  }
}
