/**
 * What a configuration asks for and this version cannot do yet. Nothing of it is silently weaker: it is refused,
 * fails with a clear error, or is left out, and `config check` says which.
 */
import { type AccountConfig, CODECS, type Config } from './schema.ts';

/** Codecs of the schema that are not offered yet. */
export const CODECS_NOT_BUILT: readonly string[] = ['opus', 'g722'];

/** Sentences for people, each with the path of the key. */
export function notBuilt(config: Config): readonly string[] {
  return config.accounts.flatMap(ofAccount);
}

function ofAccount(account: AccountConfig, index: number): readonly string[] {
  const at = `/accounts/${index}`;
  const missing = account.codecs.filter((codec) => CODECS_NOT_BUILT.includes(codec));
  // Who names none gets what there is.
  const isDefault = account.codecs.join() === CODECS.join();
  return [
    ...(account.srtp === 'required'
      ? [`${at}/srtp: SRTP is not built yet: calls of this account will be refused`]
      : []),
    ...(missing.length > 0 && !isDefault
      ? [`${at}/codecs: ${missing.join(', ')} not built yet: not offered`]
      : []),
    ...(missing.length === account.codecs.length
      ? [`${at}/codecs: no codec is left: calls of this account will be refused`]
      : []),
    ...(account.fallbacks.length > 0
      ? [`${at}/fallbacks: further registrars are not built yet: not tried`]
      : []),
  ];
}
