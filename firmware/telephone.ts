/** The composition root: a running telephone, put together of all rooms. */
import { existsSync } from 'node:fs';
import type { Agent } from '#agent/agent.ts';
import { contactToken } from '#agent/contact_token.ts';
import { NeighboursFile } from '#agent/neighbours_file.ts';
import { ReachabilityFile } from '#agent/reachability_file.ts';
import { loadConfig, placesIn } from '#cli/config_file.ts';
import { startControlServer } from '#cli/control_server.ts';
import { controlSocket, prepareDataDir } from '#cli/data_dir.ts';
import {
  type BootOptions,
  type HardwareDeeds,
  LOG_LEVELS,
  type SelftestOutcome,
  type SelftestRequest,
  type Terminal,
} from '#cli/verb.ts';
import { loadBoard } from '#hal/boards/load.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import type { Hardware } from '#hal/types.ts';
import { COUNTRIES, tonesOf } from '#media/tones_by_country.ts';
import type { AudioDevices } from '#media/types.ts';
import type { Control } from '#phone/types.ts';
import { masked } from '#provisioning/mask.ts';
import { notBuilt } from '#provisioning/not_built.ts';
import { withPasswords } from '#provisioning/passwords.ts';
import { type Config, portRange } from '#provisioning/schema.ts';

/** Where Vite puts the page: next to the bundle, or in a checkout's dist. */
const PAGE = ['./page', '../dist/page'].map((path) => new URL(path, import.meta.url).pathname);
/** Ports tried after a busy one, where the user named none. */
const MORE_PORTS = 20;
/** ms: by then a telephone has sent its registrations, and a quick hand is at the handset. */
const STAND_BY = 1000;

/** Runs until a signal ends it. */
export async function runTelephone(
  options: BootOptions,
  { out, interactive }: Terminal,
  version: string,
): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => resolve(signal));
  });
  const log = logger(options.log, out, interactive);
  process.on('uncaughtException', (error) => log('error', error.stack ?? error.message));
  prepareDataDir(options.data);
  const agent = await newAgent(options, version, log);
  const server = await startControlServer(agent.control, controlSocket(options.data));
  let web: { close(): Promise<void> } | undefined;
  try {
    await agent.start();
    // A person sees the page's address; a journal shall have a sign of life too.
    if (!interactive) log('info', `${agent.listening}; data in ${options.data}`);
    web = await openPage(options, agent.control, interactive, log);
    log('info', `${await ended}: ending calls and registrations`);
  } finally {
    await Promise.all([agent.stop(), web?.close(), server.close()]);
  }
}

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

async function newAgent(options: BootOptions, version: string, log: Log): Promise<Agent> {
  // Rest, for when a telephone was killed, is a matter of a second: it does without what makes calls.
  const [{ Agent }, { startEngine }] = await Promise.all([
    import('#agent/agent.ts'),
    import('#engine/client.ts'),
  ]);
  const { config, shownConfig, configPlaces } = await configuration(options, log);
  const country = tonesOf(config.country);
  const board = await loadBoard(options.board);
  const devices = devicesOf(config.audio, board);
  return new Agent({
    config,
    shownConfig,
    configPlaces,
    version,
    contactToken: contactToken(options.data, (text) => log('warn', text)),
    reachability: new ReachabilityFile(options.data, (text) => log('warn', text)),
    neighbours: new NeighboursFile(options.data, (text) => log('warn', text)),
    engine: startEngine({ devices, ...(hasCard(board) && { standBy: STAND_BY }) }),
    devices,
    hardware: await handset(board, config.country, log),
    country: { tones: country, ring: country.ring },
    rtpPorts: portRange(config.net.rtpPorts) ?? [16384, 16583],
    log,
  });
}

/** The effective configuration, the same for other eyes, and where its values come from. */
async function configuration(options: BootOptions, log: Log) {
  const file = await loadConfig(options.config);
  const { config, warnings } = file;
  const complete = await withPasswords(config);
  for (const text of [...warnings, ...shortcomings(config), ...complete.warnings]) log('warn', text);
  return { config: complete.config, shownConfig: masked(config), configPlaces: placesIn(file) };
}

/** What a valid configuration will not do here. */
export async function remarks(config: Config): Promise<readonly string[]> {
  return [...shortcomings(config), ...(await withPasswords(config)).warnings];
}

function shortcomings(config: Config): readonly string[] {
  if (COUNTRIES.includes(config.country)) return notBuilt(config);
  return [
    ...notBuilt(config),
    `/country: the tones of ${config.country} are not known: those of ITU-T E.180`,
  ];
}

const hasCard = (board: BoardProfile): boolean => board.driver === 'linux' && board.sound !== undefined;

/** By default the sound card of the board, and without a board the handset in the page. */
function devicesOf({ input, output }: Config['audio'], board: BoardProfile): AudioDevices {
  const own = board.driver === 'linux' ? board.sound : undefined;
  const device = (name: string, ofBoard = 'web') => (name === 'default' ? ofBoard : name);
  const devices = { input: device(input, own?.input), output: device(output, own?.output) };
  if (own === undefined) return devices;
  const { period, sidetone, mixer } = own;
  return {
    ...devices,
    sound: {
      ...(period !== undefined && { period }),
      ...(sidetone !== undefined && { sidetone }),
      ...(mixer !== undefined && { mixer }),
    },
  };
}

async function handset(board: BoardProfile, country: string, log: Log): Promise<Hardware> {
  if (board.driver === 'sim') return new SimulatedHandset(board);
  const [{ LinuxHandset }, { missingPackages }] = await Promise.all([
    import('#hal/linux/handset.ts'),
    import('#hal/selftest/packages.ts'),
  ]);
  const missing = await missingPackages(board);
  if (missing !== undefined) log('warn', missing);
  return new LinuxHandset({ board, country });
}

/** Tries the parts of a board. */
export async function selftest(request: SelftestRequest, { out }: Terminal): Promise<SelftestOutcome> {
  const { config } = await loadConfig(request.config);
  const board = await loadBoard(request.board);
  const { describeMachine } = await import('#hal/selftest/machine.ts');
  for (const line of await describeMachine()) out(line);
  if (request.learnDial) {
    return { failures: await learnDialOf(board, config.country, out), left: [], quit: false };
  }
  const [{ runSelftest }, { selftestSound }] = await Promise.all([
    import('#hal/selftest/run.ts'),
    import('#engine/selftest_sound.ts'),
  ]);
  const { lines } = request;
  return runSelftest({
    board,
    hardware: await handset(board, config.country, (_, text) => out(text)),
    ...(board.driver === 'linux' && board.sound && { sound: selftestSound(devicesOf(config.audio, board)) }),
    out,
    ...(lines !== undefined && { lines }),
  });
}

async function learnDialOf(board: BoardProfile, country: string, out: Terminal['out']) {
  const dial = board.driver === 'linux' ? board.parts.find((part) => part.kind === 'dial') : undefined;
  if (board.driver !== 'linux' || dial === undefined) return [`${board.name} has no dial`];
  const [{ learnDial }, { systemDrivers }] = await Promise.all([
    import('#hal/selftest/learn_dial.ts'),
    import('#hal/linux/drivers.ts'),
  ]);
  const { pulse, offNormal, coding } = await learnDial(dial, systemDrivers(board, country), out);
  out(`in the profile: "pulse": {… "contact": "${pulse}"}, "coding": "${coding}"`);
  out(
    offNormal === undefined
      ? 'and no "offNormal": its contact did not move'
      : `and "offNormal": {… "contact": "${offNormal}"}`,
  );
  return [];
}

/** Outputs of a board that could do harm, as a killed phone left them, go to rest. */
export async function rest(name: string): ReturnType<HardwareDeeds['rest']> {
  const board = await loadBoard(name);
  if (board.driver === 'sim') return [];
  const [{ putToRest }, { harmfulOutputs }] = await Promise.all([
    import('#hal/linux/outputs_at_rest.ts'),
    import('#hal/boards/harmful.ts'),
  ]);
  return putToRest(harmfulOutputs(board));
}

/** The page comes after the telephone: nobody waits for it to make a call. */
async function openPage({ http }: BootOptions, control: Control, interactive: boolean, log: Log) {
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
      if (interactive)
        log('info', 'lift it with Space and dial *41# for the echo test; Ctrl-C ends the phone');
      return web;
    } catch (error) {
      const busy = error instanceof WebError && error.code === 'address-in-use';
      if (!busy || http.given || port >= http.port + MORE_PORTS) throw error;
    }
  }
}
