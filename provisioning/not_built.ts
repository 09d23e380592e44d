/**
 * What a configuration asks for and this version cannot do yet. Nothing of it is silently weaker: it is refused,
 * fails with a clear error, or is left out, and `config check` says which.
 */
import { type AccountConfig, CODECS, type Config } from './schema.ts';

/** Codecs of the schema that are not offered yet. */
export const CODECS_NOT_BUILT: readonly string[] = ['opus', 'g722'];

interface NotBuilt {
  /** JSON pointer below the account. */
  readonly at: string;
  readonly asked: (wish: AccountConfig) => boolean;
  readonly says: string;
}

/** Keys of an account. Who builds one takes its row out. */
const ACCOUNT_KEYS: readonly NotBuilt[] = [
  {
    at: '/srtp',
    asked: ({ srtp }) => srtp === 'required',
    says: 'SRTP is not built yet: calls of this account will be refused',
  },
  {
    at: '/fallbacks',
    asked: ({ fallbacks }) => fallbacks.length > 0,
    says: 'further registrars are not built yet: not tried',
  },
  {
    at: '/mwi/subscribe',
    asked: ({ mwi }) => mwi.subscribe,
    says: 'waiting messages are not asked for yet',
  },
];

/** Sentences for people, each with the path of the key. */
export function notBuilt(config: Config): readonly string[] {
  return config.accounts.flatMap(ofAccount);
}

function ofAccount(account: AccountConfig, index: number): readonly string[] {
  const where = `/accounts/${index}`;
  const keys = ACCOUNT_KEYS.filter(({ asked }) => asked(account));
  return [...keys.map(({ at, says }) => `${where}${at}: ${says}`), ...codecsNotBuilt(account, where)];
}

function codecsNotBuilt({ codecs }: AccountConfig, where: string): readonly string[] {
  const missing = codecs.filter((codec) => CODECS_NOT_BUILT.includes(codec));
  // Who names none gets what there is.
  const isDefault = codecs.join() === CODECS.join();
  return [
    ...(missing.length > 0 && !isDefault
      ? [`${where}/codecs: ${missing.join(', ')} not built yet: not offered`]
      : []),
    ...(missing.length === codecs.length
      ? [`${where}/codecs: no codec is left: calls of this account will be refused`]
      : []),
  ];
}
