/** Updates of the whole system: what runs, what the channel has, and a bundle that a person wants installed. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Status, UpdateStatus } from '#phone/types.ts';
import { type ControlClient, clientOf } from './control_client.ts';
import { forTerminal } from './terminal_text.ts';
import { CommandError, type Given, type Terminal, UsageError, type Verb } from './verb.ts';

/** ms between looks at an installation. */
const PAUSE = 1000;

const NONE = 'this system is not updated here: it does not run from a card with two slots';

export const verb: Verb = {
  usage: 'update [status|check|install FILE|URL] [--allow-older] [--json]',
  summary: 'the version that runs, what the channel has, and the installation of a bundle (.raucb)',
  options: { 'allow-older': { type: 'boolean' }, json: { type: 'boolean' } },
  words: [0, 2],
  async act(given, { terminal }) {
    const [deed = 'status', source, ...more] = given.words;
    const client = clientOf(given);
    const isInstall = deed === 'install';
    if (isInstall !== (source !== undefined) || more.length > 0)
      throw new UsageError(`usage: dualtone ${verb.usage}`);
    if (given.is('allow-older') && !isInstall) throw new UsageError('--allow-older belongs to install');
    if (isInstall && source !== undefined) return await install(source, given, client, terminal);
    if (deed === 'check') return show(await client.post<UpdateStatus>('/update/check', {}), given, terminal);
    if (deed === 'status') return show(await statusOf(client), given, terminal);
    throw new UsageError(`"update ${deed}" is none: status, check or install`);
  },
};

async function statusOf(client: ControlClient): Promise<UpdateStatus> {
  const { update } = await client.get<Status>('/status');
  if (update === undefined) throw new CommandError(NONE);
  return update;
}

function show(status: UpdateStatus, given: Given, terminal: Terminal): void {
  terminal.out(given.is('json') ? JSON.stringify(status) : updateLines(status).join('\n'));
}

/** Says how far it is until it is done; whoever ends the command does not end the installation. */
async function install(
  named: string,
  given: Given,
  client: ControlClient,
  terminal: Terminal,
): Promise<void> {
  const source = sourceOf(named);
  const allowOlder = given.is('allow-older');
  let status = await client.post<UpdateStatus>('/update/install', { source, allowOlder });
  for (let said = ''; isUnderWay(status); ) {
    const line = stateOf(status);
    if (line !== said) terminal.err(line);
    said = line;
    await pause(PAUSE);
    status = await statusOf(client);
  }
  if (status.waiting !== 'restart' && status.present === undefined)
    throw new CommandError(forTerminal(`not installed: ${status.refused ?? 'see the log'}`));
  show(status, given, terminal);
}

const isUnderWay = ({ installing, waiting }: UpdateStatus): boolean =>
  installing !== undefined || waiting === 'installation' || waiting === 'trial';

/** The phone does not know our directory. */
function sourceOf(named: string): string {
  if (/^https:\/\//i.test(named)) return named;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(named))
    throw new UsageError(`a file, or a URL that begins with https: ${named}`);
  const path = resolve(named);
  if (!existsSync(path)) throw new CommandError(`there is no file ${path}`);
  return path;
}

/** For people. */
export function updateLines(status: UpdateStatus): readonly string[] {
  const { slot, version, state, other, fell, development, available, refused, present } = status;
  const way = other.good ? 'good' : 'not known to be good';
  const lines = [
    `system ${version} in slot ${slot}${state === 'trial' ? ', on trial' : ''}`,
    `other slot: ${other.version ?? 'as on the card'}, ${way}`,
    ...(fell === null ? [] : [`slot ${fell} was given up after three starts`]),
    ...(available === undefined ? [] : [`version ${available} is there`]),
    ...(status.installing === undefined && status.waiting === undefined ? [] : [stateOf(status)]),
    ...(refused === undefined ? [] : [`no update: ${refused}`]),
    ...(present === undefined ? [] : [`${present} is what runs already: not installed`]),
    ...(development ? ['updates are believed that are signed with a development key'] : []),
  ];
  return lines.map((line) => forTerminal(line));
}

function stateOf({ installing, waiting }: UpdateStatus): string {
  if (installing !== undefined) return `installing: ${installing} %`;
  if (waiting === 'restart') return 'installed: starts anew when nobody has used the telephone for a minute';
  return waiting === 'trial'
    ? 'waits until the system that runs is found good'
    : 'waits until nobody uses the telephone';
}
