/**
 * What a subscriber's line is told, where the board has one for an analog telephone: who rings, whether digits are
 * awaited, that a call was answered and that the far end has hung up. Boards without a line take no notice.
 */
import type { CallerId, HalCommand } from '#hal/types.ts';
import { parseUri } from '#sip/message/uri.ts';
import type { HandsetState } from './handset_states.ts';
import type { PhoneCall } from './phone_call.ts';

export interface LineWanted {
  readonly dialling: boolean;
  /** Turned over: a call that we made is answered (meters and payphones count from here). */
  readonly reversed: boolean;
  /** The far end has hung up, and our handset is still lifted. */
  readonly released: boolean;
}

export const LINE_AT_REST: LineWanted = { dialling: false, reversed: false, released: false };

const DIALLING: ReadonlySet<HandsetState> = new Set(['dial-tone', 'dialling']);
const TALKING: ReadonlySet<HandsetState> = new Set(['talking', 'holding']);
const RELEASED: ReadonlySet<HandsetState> = new Set(['busy', 'congestion', 'special-information']);
/** ms for which the loop is broken then: enough for answering machines and small exchanges. */
const BREAK = 400;

type Call = Pick<PhoneCall, 'direction' | 'answeredAt'>;

export function lineWanted(state: HandsetState, call: Call | undefined): LineWanted {
  const answered = call?.answeredAt !== undefined;
  return {
    dialling: DIALLING.has(state),
    reversed: answered && call.direction === 'out' && TALKING.has(state),
    released: answered && RELEASED.has(state),
  };
}

/** The commands that turn what was into what is wanted. */
export function lineCommands(was: LineWanted, wanted: LineWanted): readonly HalCommand[] {
  const commands: HalCommand[] = [];
  const { dialling, reversed, released } = wanted;
  if (dialling !== was.dialling) commands.push({ kind: 'dialling', dialling });
  if (reversed !== was.reversed) commands.push({ kind: 'polarity', reversed });
  if (released && !was.released) commands.push({ kind: 'loop-break', ms: BREAK });
  return commands;
}

/** Who calls, by the URI and the display name of From. */
export function callerId({ peer, name }: Pick<PhoneCall, 'peer' | 'name'>): CallerId {
  const { user, host } = userAndHost(peer);
  // RFC 3323 4.1.1.3: anonymous@anonymous.invalid; gateways vary either of them.
  if (/^anonymous$/i.test(user) || host === 'anonymous.invalid') return { withheld: true };
  const number = /^\+?[0-9*#().-]+$/.test(user) ? user : '';
  const shown = name || (number === '' ? user : '');
  return { ...(number !== '' && { number }), ...(shown !== '' && { name: shown }) };
}

function userAndHost(text: string): { readonly user: string; readonly host: string } {
  const uri = parseUri(text);
  if (uri?.scheme === 'tel') return { user: uri.number, host: '' };
  if (uri === undefined || uri.scheme === 'other') return { user: '', host: '' };
  return { user: uri.user ?? '', host: uri.host };
}
