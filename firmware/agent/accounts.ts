/** The accounts of the configuration, as the SIP room and the telephone want them. */
import { hostOf } from '#address/endpoint.ts';
import type { PhoneAccount } from '#phone/options.ts';
import type { AccountConfig } from '#provisioning/schema.ts';
import { CODECS } from '#sdp/codecs.ts';
import type { Account } from '#sip/types.ts';

const FAMILY = { auto: undefined, ipv4: 4, ipv6: 6 } as const;

/** Stable within a run; never on the wire. */
function accountId(index: number): string {
  return `account-${index + 1}`;
}

export function sipAccount(config: AccountConfig, index: number): Account {
  const { user, port, transport, outboundProxy, displayName, authUser, password } = config;
  const family = FAMILY[config.family];
  return {
    id: accountId(index),
    user,
    domain: bare(config.domain),
    ...(port === undefined ? {} : { port }),
    ...(transport === 'auto' ? {} : { transport }),
    ...(family === undefined ? {} : { family }),
    ...(outboundProxy === undefined ? {} : { outboundProxy }),
    ...(displayName === undefined ? {} : { displayName }),
    authUser: authUser ?? user,
    password: typeof password === 'string' ? password : '',
    expires: config.expires,
  };
}

export function phoneAccount(config: AccountConfig, index: number): PhoneAccount {
  const domain = bare(config.domain);
  const host = domain.includes(':') ? hostOf({ family: 6, address: domain }) : domain;
  return {
    id: accountId(index),
    aor: `${config.user}@${host}`,
    label: config.displayName ?? config.user,
    codecs: config.codecs,
    ...(config.voicemail === undefined ? {} : { voicemail: config.voicemail }),
  };
}

/** Accounts whose calls are refused and why: what the configuration asks for and we cannot do is never weakened. */
export function refusals(accounts: readonly AccountConfig[]): ReadonlyMap<string, string> {
  return new Map(
    accounts.flatMap((account, index) => {
      const reason = refusalOf(account);
      return reason === undefined ? [] : [[accountId(index), reason] as const];
    }),
  );
}

function refusalOf({ srtp, codecs }: AccountConfig): string | undefined {
  if (srtp === 'required') return 'SRTP is required and not built yet';
  const offered = codecs.some((codec) => CODECS.some(({ key }) => key === codec));
  return offered ? undefined : `none of the codecs ${codecs.join(', ')} is built yet`;
}

/** IPv6 without brackets. */
function bare(domain: string): string {
  return domain.replace(/^\[(.*)\]$/, '$1');
}
