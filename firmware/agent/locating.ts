/** Where a request of ours goes: to a neighbour, where the host is one of theirs, else where DNS says (RFC 3263). */
import type { Endpoint } from '#address/endpoint.ts';
import type { ServerLocator, Way } from '#net/locate.ts';
import type { Flow, Hop } from '#sip/types.ts';
import type { WayToNeighbour } from './neighbour_way.ts';
import type { Neighbours } from './neighbours.ts';
import type { Log } from './ports.ts';

export interface LocatingParts {
  readonly neighbours: Pick<Neighbours, 'find'>;
  readonly servers: Pick<ServerLocator, 'locate'>;
  /** Rejects where there is no route. */
  readonly flowTo: (
    transport: Flow['transport'],
    remote: Endpoint,
    serverName: string,
  ) => Promise<readonly Flow[]>;
  /** One answer to a ticket, or several, the last of which is final. */
  readonly located: (ticket: number, way: Found & Partial<Way>) => void;
  readonly log: Log;
}

type Found = Pick<Way, 'groups' | 'error'>;

export class Locating {
  readonly #parts: LocatingParts;

  constructor(parts: LocatingParts) {
    this.#parts = parts;
  }

  locate(ticket: number, hop: Hop): void {
    const { neighbours, servers, located, log } = this.#parts;
    const near = neighbours.find(hop);
    if (near !== undefined && 'error' in near) {
      located(ticket, { groups: [], error: near.error });
      return;
    }
    if (near !== undefined) {
      void this.#wayTo(near, hop).then((way) => located(ticket, way));
      return;
    }
    servers.locate(hop, (way) => {
      // Whoever asked tells it: the registration or the call that did not come about.
      if (way.error !== undefined) log('debug', way.error);
      located(ticket, way);
    });
  }

  async #wayTo({ transport, ends, serverName }: WayToNeighbour, { host }: Hop): Promise<Found> {
    const name = serverName ?? host;
    const ways = await Promise.allSettled(ends.map((end) => this.#parts.flowTo(transport, end, name)));
    const flows = ways.flatMap((way) => (way.status === 'fulfilled' ? way.value : []));
    return { groups: [flows], ...(flows.length > 0 ? {} : { error: `no way to ${host}` }) };
  }
}
