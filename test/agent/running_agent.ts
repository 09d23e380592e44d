/** An agent inside the test's process, on a free port, with an engine that only says yes. */
import type { ExecutionContext } from 'ava';
import { Agent } from '#agent/agent.ts';
import type { Engine, Handset } from '#agent/ports.ts';
import { SIMULATED_BOARD } from '#hal/sim/board.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import type { TunnelLink } from '#media/tunnel.ts';
import type { EngineCommand, EngineEvent } from '#media/types.ts';
import type { NetworkWatchOptions } from '#net/watch/network_watch.ts';
import type { FleetStatus } from '#phone/types.ts';
import { masked } from '#provisioning/mask.ts';
import { checkConfig } from '#provisioning/read.ts';
import { ALONE } from '../support/alone.ts';
import { said, secretsIn } from '../support/secrets.ts';

export class YesEngine implements Engine {
  readonly commands: EngineCommand[] = [];
  readonly tunnel?: TunnelLink;
  #listener: (event: EngineEvent) => void = () => {};

  constructor(tunnel?: TunnelLink) {
    if (tunnel !== undefined) this.tunnel = tunnel;
  }

  command(command: EngineCommand): void {
    this.commands.push(command);
    if (command.kind !== 'open') return;
    setImmediate(() => this.#listener({ kind: 'opened', session: command.session, port: 18_900 }));
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  say(event: EngineEvent): void {
    this.#listener(event);
  }

  attachWebSound() {
    return { mouth() {}, close() {} };
  }

  async stop(): Promise<void> {}
}

export interface Running {
  readonly agent: Agent;
  readonly engine: YesEngine;
  /** `level text` of every log line. */
  readonly log: string[];
}

/** Starts an agent; it ends with the test. Another agent of the same test run may hold `port`. */
export async function running(
  t: Pick<ExecutionContext, 'teardown'>,
  port: number,
  raw: object = {},
  {
    tunnel,
    network,
    hardware = new SimulatedHandset(SIMULATED_BOARD),
    onResync,
    fleet,
    onDate,
  }: {
    readonly tunnel?: TunnelLink;
    readonly network?: NetworkWatchOptions;
    readonly hardware?: Handset;
    readonly onResync?: (reboot: boolean) => void;
    readonly fleet?: () => FleetStatus;
    readonly onDate?: (date: string) => void;
  } = {},
): Promise<Running> {
  const { net = {}, ...others } = raw as { readonly net?: object };
  const result = checkConfig({ ...ALONE, net: { sipPort: port, ...net }, ...others });
  if ('error' in result) throw new Error(result.error);
  const { config } = result;
  const engine = new YesEngine(tunnel);
  const log: string[] = [];
  const country = tonesOf(config.country);
  const agent = new Agent({
    config,
    shownConfig: masked(config),
    version: '0.0.0-test',
    mac: 'dca632010203',
    contactToken: 'c0ffeec0ffeec0ffee',
    engine,
    devices: { input: 'silence', output: 'null' },
    hardware,
    country: { tones: country, ring: country.ring },
    rtpPorts: [18_900, 18_919],
    ...(network === undefined ? {} : { network }),
    ...(onResync === undefined ? {} : { onResync }),
    ...(fleet === undefined ? {} : { fleet }),
    ...(onDate === undefined ? {} : { onDate }),
    log: (level, text) => log.push(`${level} ${text}`),
  });
  secretsIn(config);
  await agent.start();
  t.teardown(async () => {
    const { control } = agent;
    const told = [
      control.status(),
      control.trace(),
      control.config(),
      control.configPlaces(),
      control.front(),
    ];
    said('an agent', [...log, control.metrics(), ...told.map((each) => JSON.stringify(each))].join('\n'));
    await agent.stop();
  });
  return { agent, engine, log };
}
