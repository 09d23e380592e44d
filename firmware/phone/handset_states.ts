/**
 * The state machine of the handset. Everything that decides what the telephone does next is in this table;
 * phone.ts carries out the actions, progress_tones.ts says what is heard, screen.ts what is seen.
 *
 * An event that a state does not list changes nothing: on-hook while ringing keeps ringing, keys on hook are
 * idle. A second incoming call is refused with 486 wherever `incoming` is not listed; call waiting will list it.
 */

export type HandsetState =
  | 'idle'
  | 'ringing'
  | 'dial-tone'
  | 'dialling'
  | 'calling'
  | 'ringback'
  | 'early-media'
  | 'talking'
  | 'holding'
  /** A built-in number answers. */
  | 'service'
  | 'busy'
  | 'congestion'
  | 'special-information'
  | 'howler';

export type HandsetEvent =
  // from the hook switch and the keys
  | 'off-hook'
  | 'on-hook'
  | 'flash'
  | 'digit'
  // from command line and page
  | 'answer'
  | 'clear'
  // what came of dialling
  | 'placed'
  | 'served'
  | 'wrong-number'
  | 'no-line'
  // from the call
  | 'incoming'
  | 'alerting'
  | 'early-media'
  | 'answered'
  | 'refused-hold'
  /** The call ended and the handset is off hook: the tone to hear. */
  | 'busy'
  | 'congestion'
  | 'unobtainable'
  /** The call ended and nobody holds the handset. */
  | 'released'
  | 'timeout';

export type HandsetAction =
  /** Takes the ringing call. */
  | 'accept'
  /** Refuses the ringing call: busy here. */
  | 'reject'
  /** Nobody came to the telephone. */
  | 'give-up'
  /** Ends the call in whatever state it is. */
  | 'hang-up'
  | 'collect-digit'
  | 'digits-ended'
  | 'send-dtmf'
  | 'hold'
  | 'resume';

export interface Transition {
  readonly to: HandsetState;
  readonly action?: HandsetAction;
}

type Row = Partial<Record<HandsetEvent, Transition>>;

/** A number may be dialled here, by keys or from the command line. */
const PLACES: Row = {
  placed: { to: 'calling' },
  served: { to: 'service' },
  'wrong-number': { to: 'special-information' },
  'no-line': { to: 'congestion' },
};

/** The peer or the network ended the call. */
const RELEASES: Row = {
  busy: { to: 'busy' },
  congestion: { to: 'congestion' },
  unobtainable: { to: 'special-information' },
  released: { to: 'idle' },
};

/** We end the call; with the handset still lifted what remains is busy tone. */
const HANGS_UP: Row = {
  'on-hook': { to: 'idle', action: 'hang-up' },
  clear: { to: 'busy', action: 'hang-up' },
};

/** Calling until answered. */
const OUTGOING: Row = { ...RELEASES, ...HANGS_UP, answered: { to: 'talking' } };

/** The handset lies beside the telephone; flash or the command line begin anew. */
const LEFT_OFF_HOOK: Row = {
  ...PLACES,
  'on-hook': { to: 'idle' },
  flash: { to: 'dial-tone' },
};

export const HANDSET: Readonly<Record<HandsetState, Row>> = {
  idle: {
    'off-hook': { to: 'dial-tone' },
    incoming: { to: 'ringing' },
    placed: { to: 'calling' },
    served: { to: 'service' },
  },
  ringing: {
    released: { to: 'idle' },
    'off-hook': { to: 'talking', action: 'accept' },
    answer: { to: 'talking', action: 'accept' },
    clear: { to: 'idle', action: 'reject' },
    timeout: { to: 'idle', action: 'give-up' },
  },
  'dial-tone': {
    ...PLACES,
    'on-hook': { to: 'idle' },
    digit: { to: 'dialling', action: 'collect-digit' },
    timeout: { to: 'congestion' },
  },
  dialling: {
    ...PLACES,
    'on-hook': { to: 'idle' },
    digit: { to: 'dialling', action: 'collect-digit' },
    flash: { to: 'dial-tone' },
    timeout: { to: 'dialling', action: 'digits-ended' },
  },
  calling: {
    ...OUTGOING,
    alerting: { to: 'ringback' },
    'early-media': { to: 'early-media' },
  },
  ringback: {
    ...OUTGOING,
    'early-media': { to: 'early-media' },
  },
  'early-media': {
    ...OUTGOING,
    alerting: { to: 'ringback' },
    digit: { to: 'early-media', action: 'send-dtmf' },
  },
  talking: {
    ...RELEASES,
    ...HANGS_UP,
    digit: { to: 'talking', action: 'send-dtmf' },
    flash: { to: 'holding', action: 'hold' },
    'refused-hold': { to: 'holding' },
  },
  holding: {
    ...RELEASES,
    ...HANGS_UP,
    flash: { to: 'talking', action: 'resume' },
    'refused-hold': { to: 'talking' },
  },
  service: {
    'on-hook': { to: 'idle', action: 'hang-up' },
    clear: { to: 'busy', action: 'hang-up' },
    released: { to: 'idle' },
  },
  busy: { ...LEFT_OFF_HOOK, timeout: { to: 'howler' } },
  congestion: { ...LEFT_OFF_HOOK, timeout: { to: 'howler' } },
  'special-information': { ...LEFT_OFF_HOOK, timeout: { to: 'howler' } },
  howler: { ...LEFT_OFF_HOOK },
};

export const HANDSET_STATES = Object.keys(HANDSET) as readonly HandsetState[];

/** What `event` does in `state`; undefined: nothing. */
export function transition(state: HandsetState, event: HandsetEvent): Transition | undefined {
  return HANDSET[state][event];
}
