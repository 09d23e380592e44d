/** Calls of accounts whose configuration asks for what we cannot do: refused both ways, and the log says why. */
import type { AccountConfig } from '#provisioning/schema.ts';
import type { SipEvent, SipInput } from '#sip/types.ts';
import { refusals } from './accounts.ts';

type Of<T, K> = Extract<T, { readonly kind: K }>;

const NOT_ACCEPTABLE_HERE = 488;

export class RefusedCalls {
  /** The reason, by account. */
  readonly #reasons: ReadonlyMap<string, string>;
  readonly #log: (level: 'warn', text: string) => void;

  constructor(accounts: readonly AccountConfig[], log: (level: 'warn', text: string) => void) {
    this.#reasons = refusals(accounts);
    this.#log = log;
  }

  /** What is answered in the telephone's place; undefined: the telephone may have it. */
  incoming({ account, call, from }: Of<SipEvent, 'incoming'>): SipInput | undefined {
    const reason = this.#reasons.get(account ?? '');
    if (reason === undefined) return undefined;
    this.#log('warn', `call from ${from.uri} refused: ${reason}`);
    return { kind: 'reject', call, status: NOT_ACCEPTABLE_HERE };
  }

  /** How the call ends before anything is sent; undefined: it may go out. */
  outgoing({ account, call, to }: Of<SipInput, 'call'>): SipEvent | undefined {
    const reason = this.#reasons.get(account ?? '');
    if (reason === undefined) return undefined;
    this.#log('warn', `call to ${to} refused: ${reason}`);
    return { kind: 'ended', call, cause: { by: 'us', status: NOT_ACCEPTABLE_HERE, reason } };
  }
}
