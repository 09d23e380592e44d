#!/usr/bin/env node
/** The composition root: the only file that knows everybody. */
import { existsSync } from 'node:fs';
import { dispatch } from '#cli/dispatch.ts';
import { type BootOptions, CommandError, LOG_LEVELS, type Terminal } from '#cli/verb.ts';
import type { AudioDevices } from '#media/types.ts';
import type { Control } from '#phone/types.ts';
import type { Config } from '#provisioning/schema.ts';
import manifest from '../package.json' with { type: 'json' };

const { version } = manifest;

/** Where Vite puts the page: next to the bundle, or in a checkout's dist. */
const PAGE = ['./page', '../dist/page'].map((path) => new URL(path, import.meta.url).pathname);
/** Ports tried after a busy one, where the user named none. */
const MORE_PORTS = 20;

const terminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  interactive: process.stdout.isTTY,
};

let isRunning = false;
// Whoever reads us may stop reading: `dualtone trace | head`. A phone goes on without its log.
process.stdout.on('error', () => {
  if (!isRunning) process.exit(0);
});

process.exitCode = await dispatch(process.argv.slice(2), { terminal, boot, version });

async function boot(options: BootOptions, { out, interactive }: Terminal): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => resolve(signal));
  });
  isRunning = true;
  const log = logger(options.log, out, interactive);
  process.on('uncaughtException', (error) => log('error', error.stack ?? error.message));
  const rooms = await loadRooms();
  rooms.prepareDataDir(options.data);
  const agent = await newAgent(rooms, options, log);
  const server = await rooms.startControlServer(agent.control, rooms.controlSocket(options.data));
  let web: { close(): Promise<void> } | undefined;
  try {
    await agent.start();
    web = await openPage(options, agent.control, log);
    log('info', `${await ended}: ending calls and registrations`);
  } finally {
    await Promise.all([agent.stop(), web?.close(), server.close()]);
  }
}

/** What `run` needs and the other verbs do not. All at once: one after the other takes longer than it takes to run. */
async function loadRooms() {
  const [dataDir, controlServer, configFile, agent, token, engine, tones] = await Promise.all([
    import('#cli/data_dir.ts'),
    import('#cli/control_server.ts'),
    import('#cli/config_file.ts'),
    import('#agent/agent.ts'),
    import('#agent/contact_token.ts'),
    import('#engine/client.ts'),
    import('#media/tones_by_country.ts'),
  ]);
  const [schema, mask, notBuilt, passwords, board, handset] = await Promise.all([
    import('#provisioning/schema.ts'),
    import('#provisioning/mask.ts'),
    import('#provisioning/not_built.ts'),
    import('#provisioning/passwords.ts'),
    import('#hal/sim/board.ts'),
    import('#hal/sim/simulated_handset.ts'),
  ]);
  return {
    ...{ ...dataDir, ...controlServer, ...configFile, ...agent, ...token, ...engine, ...tones },
    ...{ ...schema, ...mask, ...notBuilt, ...passwords, ...board, ...handset },
  };
}

type Rooms = Awaited<ReturnType<typeof loadRooms>>;
type Log = (level: (typeof LOG_LEVELS)[number], text: string) => void;

function logger(least: BootOptions['log'], out: Terminal['out'], interactive: boolean): Log {
  return (level, text) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const time = new Date().toISOString();
    out(
      interactive
        ? `${time.slice(11, 19)} ${level.padEnd(5)} ${text}`
        : JSON.stringify({ time, level, text }),
    );
  };
}

async function newAgent(rooms: Rooms, options: BootOptions, log: Log) {
  const [config, shownConfig] = await configuration(rooms, options, log);
  const country = rooms.tonesOf(config.country);
  const devices = devicesOf(config.audio);
  return new rooms.Agent({
    config,
    shownConfig,
    version,
    contactToken: rooms.contactToken(options.data, (text) => log('warn', text)),
    engine: rooms.startEngine({ devices }),
    devices,
    hardware: handset(rooms, options.board),
    country: { tones: country, ring: country.ring },
    rtpPorts: rooms.portRange(config.net.rtpPorts) ?? [16384, 16583],
    log,
  });
}

/** The effective configuration, and the same for other eyes. */
async function configuration(rooms: Rooms, options: BootOptions, log: Log): Promise<[Config, unknown]> {
  const { config, warnings } = await rooms.loadConfig(options.config);
  const complete = await rooms.withPasswords(config);
  for (const text of [...warnings, ...rooms.notBuilt(config), ...complete.warnings]) log('warn', text);
  return [complete.config, rooms.masked(config)];
}

/** Without a sound card's driver the handset in the page is the default. */
function devicesOf({ input, output }: Config['audio']): AudioDevices {
  const device = (name: string) => (name === 'default' ? 'web' : name);
  return { input: device(input), output: device(output) };
}

function handset({ SimulatedHandset, SIMULATED_BOARD }: Rooms, board: string) {
  if (board === SIMULATED_BOARD.name) return new SimulatedHandset(SIMULATED_BOARD);
  throw new CommandError(`there is no board "${board}" yet; --board sim is the simulated handset`);
}

/** The page comes after the telephone: nobody waits for it to make a call. */
async function openPage({ http }: BootOptions, control: Control, log: Log) {
  if (http === undefined) return undefined;
  const pageDir = PAGE.find((path) => existsSync(path));
  if (pageDir === undefined) {
    log('warn', 'the page is not built: there is none ("npm run build" makes it)');
    return undefined;
  }
  const { startWeb } = await import('#web/server.ts');
  const { WebError } = await import('#web/errors.ts');
  for (let { host, port } = http; ; port++) {
    try {
      const web = await startWeb({ control, http: { host, port }, pageDir });
      log('info', `the handset is at ${web.url}`);
      return web;
    } catch (error) {
      const busy = error instanceof WebError && error.code === 'address-in-use';
      if (!busy || http.given || port >= http.port + MORE_PORTS) throw error;
    }
  }
}
