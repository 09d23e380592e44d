/** The configuration for other eyes: `config show`, the page, bundles for support. */
import type { AccountConfig, Config } from './schema.ts';

export const MASK = '********';

/** A copy with every password masked; the name of a password's file may be seen. */
export function masked(config: Config): Config {
  return { ...config, accounts: config.accounts.map(maskedAccount) };
}

function maskedAccount(account: AccountConfig): AccountConfig {
  const { password } = account;
  const shown = typeof password === 'string' && password !== '' ? MASK : password;
  return { ...account, password: shown, ...maskedProxy(account) };
}

/** `sip:user:password@proxy` (RFC 3261 19.1.1 advises against it; people do it). */
function maskedProxy({ outboundProxy }: AccountConfig): Pick<AccountConfig, 'outboundProxy'> {
  if (outboundProxy === undefined) return {};
  return { outboundProxy: outboundProxy.replace(/^(sips?:[^:@]*):[^@]*@/i, `$1:${MASK}@`) };
}
