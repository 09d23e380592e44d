/** What the display says: four lines of twenty columns, from the state alone. */
import { nativeIpv6 } from '#address/network.ts';
import type { BuiltInNumber } from './features.ts';
import type { HandsetState } from './handset_states.ts';
import { addressShown, COLUMNS, cut, plain, spread, tail, width } from './screen_text.ts';
import { lineOf } from './sixbed4.ts';
import { filled, type TextKey, type Texts, translated } from './texts.ts';
import type { AccountStatus, LocalAddresses, PhoneNeighbour, ShownTime } from './types.ts';

export interface CallView {
  readonly name: string;
  readonly peer: string;
  /** Keys sent in the call. */
  readonly keys: string;
  readonly answered: boolean;
  /** Since it was answered. */
  readonly seconds: number;
  readonly heldByPeer: boolean;
  readonly muted?: boolean;
  /** Why nothing can be heard at present. */
  readonly trouble?: string | undefined;
}

/** Everything that the display depends on. */
export interface View {
  /** In the language of the display. */
  readonly texts: Texts;
  readonly state: HandsetState;
  readonly name: string;
  readonly extension: string;
  readonly accounts: readonly AccountStatus[];
  readonly neighbours?: readonly PhoneNeighbour[];
  readonly addresses: LocalAddresses;
  readonly digits: string;
  readonly call?: CallView | undefined;
  readonly service?: BuiltInNumber | undefined;
  /** Why the last call did not come about. */
  readonly notice: string;
  readonly missed: number;
  /** Parts of the telephone that do not work. */
  readonly faults?: readonly string[];
  /** Absent: nobody knows what time it is. */
  readonly clock?: ShownTime | undefined;
}

type Lines = readonly string[];

const SCREENS: Readonly<Record<HandsetState, (view: View) => Lines>> = {
  idle: (view) => [spread(view.name, view.extension), ...registration(view), resting(view)],
  ringing: (view) => [view.texts.incomingCall, ...peer(view), ''],
  'dial-tone': (view) => [spread(view.name, view.extension), view.texts.dialANumber, cut(view.notice), ''],
  dialling: ({ texts, digits }) => [texts.dial, tail(digits), '', texts.hashToCall],
  calling: (view) => [view.texts.calling, ...peer(view), ''],
  ringback: (view) => [view.texts.ringing, ...peer(view), ''],
  'early-media': (view) => [view.texts.calling, ...peer(view), tail(view.call?.keys ?? '')],
  talking: (view) => [spread(talking(view), timer(view)), ...conversation(view)],
  holding: (view) => [spread(view.texts.onHold, timer(view)), ...conversation(view)],
  service,
  busy: (view) => released(view.call?.answered ? 'callEnded' : 'busy', view),
  congestion: (view) => released('callFailed', view),
  'special-information': (view) => released('unobtainable', view),
  howler: ({ texts }) => ['', texts.pleaseHangUp, '', ''],
};

/** Four lines, none wider than 20 columns. */
export function screen(view: View): Lines {
  return [...SCREENS[view.state](view), '', '', ''].slice(0, 4);
}

const REGISTRATION: Readonly<Record<AccountStatus['state'], TextKey>> = {
  registered: 'registered',
  trying: 'registering',
  failed: 'notRegistered',
  off: 'notRegistered',
};

function registration({ texts, accounts, addresses, neighbours = [] }: View): Lines {
  if (addresses.ipv4.length + addresses.ipv6.length === 0) return [texts.noNetwork, ''];
  const account = accounts.find(({ state }) => state === 'registered') ?? accounts[0];
  if (account === undefined && neighbours.length > 0) return nearby(neighbours);
  if (account === undefined)
    return [texts.directCallsOnly, addresses.sixbed4 === undefined ? '' : families(addresses, texts)];
  const family = account.encapsulated ?? (account.family === null ? '' : FAMILY[account.family]);
  const state = spread(texts[REGISTRATION[account.state]], account.state === 'registered' ? family : '');
  return [cut(addressShown(account.aor)), account.state === 'failed' ? cut(account.error ?? state) : state];
}

/** Who can be called without a server: the first two, and how many more there are. */
function nearby(neighbours: readonly PhoneNeighbour[]): Lines {
  const [first = '', second = ''] = neighbours.map(({ extension = '', name }) =>
    name === extension ? name : `${extension} ${name}`,
  );
  const more = neighbours.length - 2;
  return [cut(first), spread(second, more > 0 ? `+${more}` : '')];
}

const FAMILY = { ipv6: 'IPv6', ipv4: 'IPv4' } as const;

/** What this telephone has: IPv6 is only called so where it is native. */
function families({ ipv4, ipv6, network, sixbed4 }: LocalAddresses, texts: Texts): string {
  const native = network === undefined ? ipv6.length > 0 : nativeIpv6(network);
  const names = [
    ...(native ? [FAMILY.ipv6] : []),
    ...(ipv4.length > 0 ? [FAMILY.ipv4] : []),
    ...(sixbed4?.state === 'up' ? ['6bed4'] : []),
  ];
  const [only, another] = names;
  if (only === undefined) return texts.noNetwork;
  return another === undefined ? filled(texts.only, only) : names.join(' ');
}

/** What there is to read, and the time where it leaves room: a notice is worth the whole line. */
function resting({ texts, notice, missed, faults = [], clock }: View): string {
  if (notice !== '') return cut(notice);
  const time = clock?.time ?? '';
  if (missed > 0)
    return spread(missedCalls(texts, missed, COLUMNS - (time === '' ? 0 : time.length + 1)), time);
  if (faults.length > 0) return spread(filled(texts.fault, faults.join(', ')), time);
  return spread(clock?.date ?? '', time);
}

/** Without the word where so many columns have no room for it. */
function missedCalls(texts: Texts, count: number, columns: number): string {
  const text = filled(count === 1 ? texts.missedCall : texts.missedCalls, count);
  return width(text) <= columns ? text : filled(texts.missed, count);
}

function peer({ call }: View): [name: string, address: string] {
  if (call === undefined) return ['', ''];
  return call.name === '' ? folded(addressShown(call.peer)) : [cut(call.name), cut(addressShown(call.peer))];
}

/** An address that is too wide for one line takes two, parted before its @ where the first half fits. */
function folded(address: string): [first: string, second: string] {
  const text = plain(address);
  if (width(text) <= COLUMNS) return [cut(text), ''];
  const user = text.slice(0, Math.max(0, text.lastIndexOf('@')));
  const first = user !== '' && width(user) <= COLUMNS ? user : cut(text);
  return [cut(first), cut(text.slice(first.length))];
}

function talking({ texts, call }: View): string {
  if (call?.trouble !== undefined) return texts.lineBroken;
  if (call?.heldByPeer) return texts.heldByPeer;
  return call?.muted ? texts.muted : texts.talking;
}

function conversation(view: View): Lines {
  const { trouble, keys = '' } = view.call ?? {};
  return [...peer(view), trouble === undefined ? tail(keys) : cut(translated(trouble, view.texts))];
}

function released(what: TextKey, view: View): Lines {
  return [view.texts[what], ...peer(view), cut(view.notice)];
}

function service(view: View): Lines {
  switch (view.service?.service) {
    case 'own-number':
      return ownNumber(view);
    case 'network':
      return network(view);
    default: {
      const { title = '', hint = '' } = view.service ?? {};
      return [title, hint].map((text) => cut(translated(text, view.texts)));
    }
  }
}

/** Extension, first account, and an address to call directly. */
function ownNumber({ texts, name, extension, accounts, addresses }: View): Lines {
  return [
    spread(texts.ownNumber, extension),
    cut(addressShown(accounts[0]?.aor ?? name)),
    ...ownAddress(addresses),
  ];
}

/** Which families there are, how it stands with 6bed4, and an address. */
function network({ texts, addresses }: View): Lines {
  const { ipv4, ipv6, sixbed4 } = addresses;
  if (ipv4.length + ipv6.length === 0) return [texts.noNetwork];
  return [
    families(addresses, texts),
    sixbed4 === undefined ? '' : cut(texts[lineOf(sixbed4.why)]),
    ...ownAddress(addresses),
  ];
}

/** IPv6 takes two lines where one is too short. */
function ownAddress({ ipv4, ipv6 }: LocalAddresses): Lines {
  const [six = '', four = ''] = [ipv6[0], ipv4[0]];
  return six.length > COLUMNS ? [six.slice(0, COLUMNS), cut(six.slice(COLUMNS))] : [six, four];
}

/** `1:05`, `61:01`. */
function timer({ call }: View): string {
  const seconds = Math.max(0, Math.floor(call?.seconds ?? 0));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
