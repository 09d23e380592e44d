import { createServer } from 'node:net';
import type { Endpoint } from '#address/endpoint.ts';

/** A port of this address that nobody has: where a connection may come from that is reached back only over itself. */
export function freePort({ family, address }: Pick<Endpoint, 'family' | 'address'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: address, port: 0, ipv6Only: family === 6 }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
}
