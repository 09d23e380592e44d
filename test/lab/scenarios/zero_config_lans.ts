/** A telephone out of its box on a LAN of each kind: from the plug to a call. */
import type { Capture } from '../capture.ts';
import type { Kind } from '../home.ts';
import type { Packet } from '../packet.ts';
import { startDhcp, startDhcpcd } from '../peers/dhcp.ts';
import { DESK, type Find, House, OFFICE, ownFile, YEALINK_FILE } from './zero_config_house.ts';
import { DeskPhone, talk } from './zero_config_phone.ts';

export interface Lan {
  readonly kind: Kind;
  /** Whose DHCP client: Debian's, whose leases are read, or ours alone. */
  readonly client: 'dhcpcd' | 'ours';
  readonly file: 'ours' | 'Yealink';
}

export const LANS: readonly Lan[] = [
  { kind: 'ipv4', client: 'ours', file: 'Yealink' },
  { kind: 'dual', client: 'dhcpcd', file: 'ours' },
  { kind: 'ipv6', client: 'ours', file: 'ours' },
  { kind: 'ipv4', client: 'dhcpcd', file: 'ours' },
  { kind: 'dual', client: 'ours', file: 'ours' },
  { kind: 'ipv6', client: 'dhcpcd', file: 'Yealink' },
];

/** What each step took, ms from the network being up. */
export interface Steps {
  readonly lan: Lan;
  readonly dhcp: number | undefined;
  readonly fetched: number | undefined;
  readonly registered: number | undefined;
  readonly answered: number | undefined;
  readonly seen: string;
}

export async function lan(lan: Lan): Promise<Steps> {
  await using house = await House.build(lan.kind);
  const { home, office } = house;
  await startDhcp(home, { lines: linesOf(house, lan), ...(lan.client === 'dhcpcd' && { ipv6: 'leases' }) });
  const unplugged = await home.unplugged('desk');
  if (lan.file === 'ours') house.web.put(`h/${unplugged.mac}.json`, ownFile('2026-11-20.1'));
  else house.web.put(`h/${unplugged.mac}.cfg`, YEALINK_FILE);
  const capture = await home.capture();
  const via = lan.client === 'dhcpcd' ? startDhcpcd(home, unplugged) : undefined;
  const began = await home.plug(unplugged, lan.client === 'dhcpcd' ? 'by DHCP' : 'written down');
  const desk = DeskPhone.unpack(home, unplugged, [], via);
  try {
    await desk.registered();
    const call = await talk(desk, office, OFFICE);
    const from = desk.said(/^a configuration from/)?.text ?? 'no configuration';
    const way = typeof call === 'string' ? call : `${call.signalling?.family} ${call.signalling?.transport}`;
    return { ...stepsOf(lan, desk, capture, began), seen: `${from}; ${way}` };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    return { ...stepsOf(lan, desk, capture, began), seen };
  } finally {
    await capture.stop();
  }
}

/** Where the owner has written down where the files are. */
function linesOf(house: House, { kind, file }: Lan): readonly string[] {
  const path = file === 'Yealink' ? 'h/{mac}.cfg' : 'h/';
  const four = `dhcp-option=66,"${kind === 'ipv6' ? '' : house.url(path, 4)}"`;
  const six = `dhcp-option=option6:59,"${kind === 'ipv4' ? '' : house.url(path, 6)}"`;
  return [...(kind === 'ipv6' ? [] : [four]), ...(kind === 'ipv4' ? [] : [six])];
}

function stepsOf(lan: Lan, desk: DeskPhone, { packets }: Capture, began: number): Omit<Steps, 'seen'> {
  const after = (found: { readonly time: number } | undefined) =>
    found === undefined ? undefined : Math.round(found.time - began);
  const answer = (method: string) => (packet: Packet) =>
    packet.sip?.startsWith('SIP/2.0 200') === true &&
    new RegExp(`^CSeq: \\d+ ${method}\r$`, 'mi').test(packet.payload.toString('latin1')) &&
    new RegExp(`^From:.*sip:${DESK}@`, 'mi').test(packet.payload.toString('latin1'));
  const isDhcp = ({ from, to }: Packet) =>
    (from.port === 67 && to.port === 68) || (from.port === 547 && to.port === 546);
  return {
    lan,
    dhcp: after(packets.find(isDhcp)),
    fetched: after(desk.said(/^a configuration from/)),
    registered: after(packets.find(answer('REGISTER'))),
    answered: after(packets.find(answer('INVITE'))),
  };
}

function isGood({ answered }: Steps, goal: number): boolean {
  return answered !== undefined && answered <= goal;
}

const NAMES: Readonly<Record<Kind, string>> = { ipv4: 'IPv4 only', dual: 'dual', ipv6: 'IPv6 only' };

function nameOf({ kind, client, file }: Lan): string {
  const who = client === 'ours' ? 'our own client alone' : 'leases of dhcpcd';
  return `${NAMES[kind]}, ${who}, ${file === 'ours' ? 'a file of ours' : 'a Yealink file'}`;
}

/** As findings. */
export function tell(steps: Steps, find: Find, goal: number): void {
  const ms = (value: number | undefined) => (value === undefined ? 'never' : `${value} ms`);
  const { dhcp, fetched, registered, answered, seen } = steps;
  const times = `DHCP ${ms(dhcp)}, file ${ms(fetched)}, REGISTER 200 ${ms(registered)}, answered ${ms(answered)}`;
  find(nameOf(steps.lan), isGood(steps, goal), `${times}; ${seen}`);
}
