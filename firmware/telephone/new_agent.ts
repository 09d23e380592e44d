/** An agent, put together of the configuration, the board and what the telephone remembers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '#agent/agent.ts';
import { contactToken } from '#agent/contact_token.ts';
import type { NeighboursStore } from '#agent/ports.ts';
import { ReachabilityFile } from '#agent/reachability_file.ts';
import type { BootOptions } from '#cli/verb.ts';
import { type Engine, startEngine } from '#engine/client.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import type { HalEvent } from '#hal/types.ts';
import type { LinkService } from '#mdns/service.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import type { FleetStatus } from '#phone/types.ts';
import { PROVISIONING_SERVICE } from '#provisioning/discovery/dns_sd.ts';
import { portRange } from '#provisioning/schema.ts';
import { devicesOf, handset } from './hardware.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';

/** ms: by then a telephone has sent its registrations, and a quick hand is at the handset. */
const STAND_BY = 1000;

/** ms: what neighbours alone need, its code and the key itself, waits until the registrations are on their way. */
const REGISTERING = 200;

/** Built, and not started. */
export interface Assembled {
  readonly agent: Agent;
  readonly engine: Engine;
}

/** What every agent of this run has in common. */
export interface Surroundings {
  readonly options: BootOptions;
  readonly board: BoardProfile;
  readonly version: string;
  /** Of the telephone's identity. */
  readonly mac: string;
  readonly log: Log;
  readonly neighbours: NeighboursStore;
  /** Every event of the hardware. */
  readonly hands: (event: HalEvent) => void;
  /** A server of ours says that there is a new configuration, or that we shall start anew. */
  readonly resync: (reboot: boolean) => void;
  /** Whether the server of our configuration is at this address. */
  readonly mayResync: (address: string) => boolean;
  /** Whether what is told of a file of our configuration, or that nothing is, is a reason to ask for it. */
  readonly isNews: (uri: string, body: string | undefined) => boolean;
  /** Who offers configurations on the LAN: all that there are now. */
  readonly servers: (services: readonly LinkService[]) => void;
  readonly fleet: () => FleetStatus;
  /** ms since the epoch, by whoever knows it best. */
  readonly time: () => number;
  /** A registrar says what time it is. */
  readonly onDate: (date: string) => void;
}

export async function newAgent(
  { config, shown, places }: Settings,
  surroundings: Surroundings,
): Promise<Assembled> {
  const { options, board, version, mac, log, neighbours, hands, resync, mayResync } = surroundings;
  const { servers, isNews, fleet, time, onDate } = surroundings;
  const country = tonesOf(config.country);
  const devices = devicesOf(config.audio, board);
  const engine = startEngine({ devices, ...(hasCard(board) && { standBy: STAND_BY }) });
  const warn = (text: string): void => log('warn', text);
  const agent = new Agent({
    config,
    shownConfig: shown,
    configPlaces: places,
    version,
    mac,
    contactToken: contactToken(options.data, warn),
    reachability: new ReachabilityFile(options.data, warn),
    neighbours,
    ownCertificate: async () => {
      await sleep(REGISTERING);
      const { ownCertificate } = await import('./own_certificate.ts');
      return ownCertificate(options.data, log, time());
    },
    engine,
    devices,
    hardware: await handset(board, config.country, log),
    country: { tones: country, ring: country.ring },
    rtpPorts: portRange(config.net.rtpPorts) ?? [16384, 16583],
    onHands: hands,
    onResync: resync,
    mayResync,
    isNews,
    besides: { services: [PROVISIONING_SERVICE], found: servers },
    fleet,
    time,
    onDate,
    log,
  });
  return { agent, engine };
}

const hasCard = (board: BoardProfile): boolean => board.driver === 'linux' && board.sound !== undefined;
