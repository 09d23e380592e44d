/** An agent, put together of the configuration, the board and what the telephone remembers. */
import type { Agent } from '#agent/agent.ts';
import { contactToken } from '#agent/contact_token.ts';
import { NeighboursFile } from '#agent/neighbours_file.ts';
import { ReachabilityFile } from '#agent/reachability_file.ts';
import type { BootOptions } from '#cli/verb.ts';
import type { Engine } from '#engine/client.ts';
import { loadBoard } from '#hal/boards/load.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import { portRange } from '#provisioning/schema.ts';
import { devicesOf, handset } from './hardware.ts';
import type { Log } from './log.ts';
import { configuration } from './settings.ts';

/** ms: by then a telephone has sent its registrations, and a quick hand is at the handset. */
const STAND_BY = 1000;

/** Built, and not started. */
export interface Assembled {
  readonly agent: Agent;
  readonly engine: Engine;
}

export async function newAgent(options: BootOptions, version: string, log: Log): Promise<Assembled> {
  // Rest, for when a telephone was killed, is a matter of a second: it does without what makes calls.
  const [{ Agent }, { startEngine }] = await Promise.all([
    import('#agent/agent.ts'),
    import('#engine/client.ts'),
  ]);
  const { config, shownConfig, configPlaces } = await configuration(options, log);
  const country = tonesOf(config.country);
  const board = await loadBoard(options.board);
  const devices = devicesOf(config.audio, board);
  const engine = startEngine({ devices, ...(hasCard(board) && { standBy: STAND_BY }) });
  const agent = new Agent({
    config,
    shownConfig,
    configPlaces,
    version,
    contactToken: contactToken(options.data, (text) => log('warn', text)),
    reachability: new ReachabilityFile(options.data, (text) => log('warn', text)),
    neighbours: new NeighboursFile(options.data, (text) => log('warn', text)),
    engine,
    devices,
    hardware: await handset(board, config.country, log),
    country: { tones: country, ring: country.ring },
    rtpPorts: portRange(config.net.rtpPorts) ?? [16384, 16583],
    log,
  });
  return { agent, engine };
}

const hasCard = (board: BoardProfile): boolean => board.driver === 'linux' && board.sound !== undefined;
