/**
 * Which configuration is in force. Everything that decides whether a new one stays is in this table; lifecycle.ts
 * carries out the actions.
 *
 * A new configuration is on trial. Registered with any of its accounts, or up for two minutes where it has none, it is
 * good; else the last good one comes back, and what failed is not tried again until it changes.
 */

/** `settled`: nothing is to be proven. `trial`: what is in force has not proven itself. */
export type LifecycleState = 'settled' | 'trial';

export type LifecycleEvent =
  // what a server or a file offers
  | 'new'
  | 'same-as-in-force'
  /** While another is on trial: who offers it went back himself. */
  | 'same-as-good'
  /** It was given up before, and has not changed. */
  | 'given-up-before'
  /** Of the same server, with a version below the one in force: perhaps a replay. */
  | 'older'
  // what becomes of the one in force
  | 'registered'
  /** It has no accounts, and the telephone has been up for long enough. */
  | 'lasted'
  /** It has accounts, and none registered in time. */
  | 'expired'
  /** The telephone cannot start with it. */
  | 'unusable'
  /** The telephone was started again and again, and never came to the end of the trial. */
  | 'crashed'
  /** It could not be written to the store. */
  | 'not-kept';

export type LifecycleAction =
  | 'begin-trial'
  | 'confirm'
  /** Back to the last good one, and remember what failed. */
  | 'roll-back'
  /** The same where there is no last good one: a telephone that registers later is better than one without accounts. */
  | 'roll-back-if-possible'
  /** Back to the last good one, without blame. */
  | 'return'
  | 'refuse-given-up'
  | 'refuse-older';

export interface Transition {
  readonly next: LifecycleState;
  readonly action?: LifecycleAction;
}

type Row = Readonly<Partial<Record<LifecycleEvent, Transition>>>;

/** What a server may offer whatever is in force. */
const OFFERS = (state: LifecycleState): Row => ({
  new: { next: 'trial', action: 'begin-trial' },
  'same-as-in-force': { next: state },
  'given-up-before': { next: state, action: 'refuse-given-up' },
  older: { next: state, action: 'refuse-older' },
});

/** An event that a state does not list changes nothing. */
export const TABLE: Readonly<Record<LifecycleState, Row>> = {
  settled: {
    ...OFFERS('settled'),
    // The layers below every offered configuration have proven themselves.
    registered: { next: 'settled', action: 'confirm' },
  },
  trial: {
    ...OFFERS('trial'),
    'same-as-good': { next: 'settled', action: 'return' },
    registered: { next: 'settled', action: 'confirm' },
    lasted: { next: 'settled', action: 'confirm' },
    expired: { next: 'settled', action: 'roll-back-if-possible' },
    unusable: { next: 'settled', action: 'roll-back' },
    crashed: { next: 'settled', action: 'roll-back' },
    'not-kept': { next: 'settled', action: 'return' },
  },
};
