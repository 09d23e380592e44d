import type { Status, StorageStatus } from '#phone/types.ts';
import { callLine } from './calls.ts';
import { clientOf } from './control_client.ts';
import { updateLines } from './update.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'status [--json]',
  summary: 'accounts, calls, network and hardware of the running phone',
  options: { json: { type: 'boolean' } },
  async act(given, { terminal }) {
    const status = await clientOf(given).get<Status>('/status');
    terminal.out(given.is('json') ? JSON.stringify(status) : linesOf(status).join('\n'));
  },
};

const STORAGE: Readonly<Record<StorageStatus['state'], readonly string[]>> = {
  ok: [],
  full: ['the data directory is full: what changes is forgotten at the next start; make room there'],
  volatile: ['its card keeps nothing: all is forgotten when it is switched off; look at the card'],
};

function linesOf(status: Status): string[] {
  const { ipv4, ipv6, sixbed4 } = status.network;
  return [
    `dualtone ${status.version}, extension ${status.extension}, up ${Math.floor(status.uptime)} s`,
    `addresses: ${[...ipv6, ...ipv4].join(', ') || 'none'}`,
    `6bed4: ${sixbed4Line(sixbed4)}`,
    ...(status.accounts.length === 0 ? ['accounts: none, direct calls only'] : []),
    ...status.accounts.map(
      ({ aor, state, family, encapsulated, transport, target, error }) =>
        `account ${aor}: ${state}${target ? ` at ${target} (${transport}, ${encapsulated ?? family})` : ''}${error ? `: ${error}` : ''}`,
    ),
    ...provisioningLines(status.provisioning),
    ...(status.update === undefined ? [] : updateLines(status.update)),
    ...STORAGE[status.storage?.state ?? 'ok'],
    ...status.neighbours.map(neighbourLine),
    ...status.calls.map(callLine),
    ...hardwareLines(status.hardware),
  ];
}

/** Nothing to say: nobody gives it a configuration, and nobody wants to. */
function provisioningLines(told: Status['provisioning']): readonly string[] {
  if (told === undefined) return [];
  const { state, version, server, refused, changes } = told;
  const isGiven = server !== undefined || version !== undefined;
  const name = ['configuration', version, server && `from ${server}`].filter(Boolean).join(' ');
  return [
    ...(isGiven ? [`${name}${state === 'trial' ? ', on trial' : ''}`] : []),
    ...(refused === undefined ? [] : [`not taken: ${refused}`]),
    ...(changes === 0
      ? []
      : ['another server wants to give the configuration: decide on the settings page, under Configuration']),
  ];
}

function neighbourLine({ extension, name, addresses, fresh, trust }: Status['neighbours'][number]): string {
  const notes = [
    fresh ? '' : ', not heard lately',
    trust === 'changed' ? ', shows another key than before' : '',
  ];
  return `neighbour ${extension || '–'} ${name}: ${addresses.join(', ')}${notes.join('')}`;
}

function sixbed4Line({
  state,
  address,
  router,
  direct,
  relayed,
  note,
}: Status['network']['sixbed4']): string {
  if (address === null) return `${state}: ${note}`;
  return `${state} as ${address} by ${router}, ${direct} packets direct, ${relayed} relayed: ${note}`;
}

/** Parts that are alike share a line. */
function hardwareLines(parts: Status['hardware']): string[] {
  const alike = Map.groupBy(parts, ({ state, driver, note }) => `${state} (${note || driver})`);
  return [...alike].map(([how, group]) => `${group.map(({ part }) => part).join(', ')}: ${how}`);
}
