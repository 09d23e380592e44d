/** From what a vendor's file says to a partial configuration in the form of our schema. */
import { CODECS } from '../schema.ts';
import { isMapping, type Mapping } from '../schema_shape.ts';
import type { AccountDraft, Draft } from './draft.ts';
import { codecNamed, inUri, NO_CODEC, type Server } from './values.ts';

export type Warn = (text: string) => void;

/** Only what the file says: everything else keeps its default. */
export function compose(draft: Draft, warn: Warn): Mapping {
  const { name, language, country, dialMap, emergency, provisioning, syslog, locked } = draft;
  const accounts = draft.accounts.flatMap((account) => composedAccount(account, warn));
  const net = present({ sipPort: draft.sipPort, rtpPorts: draft.rtpPorts });
  const said = present({
    name,
    language,
    country,
    accounts: filled(accounts),
    net: nonEmpty(net),
    dial: nonEmpty(present({ map: dialMap, emergency: withEuropes(emergency) })),
    security: draft.knownOnly === true ? { acceptFrom: 'known' } : undefined,
    provisioning: nonEmpty(present({ ...provisioning })),
    syslog: syslog?.server === undefined ? undefined : present({ ...syslog }),
    time: nonEmpty(present({ servers: filled(draft.timeServers), zone: draft.zone })),
  });
  return withLocks(said, locked);
}

/** Of a setting that came to nothing, there is nothing to lock. */
function withLocks(said: Mapping, keys: readonly string[] = []): Mapping {
  const locked = keys.filter((key) => {
    const [outer = '', inner] = key.split('.');
    const value = said[outer];
    return inner === undefined ? value !== undefined : isMapping(value) && value[inner] !== undefined;
  });
  if (locked.length === 0) return said;
  return { ...said, provisioning: { ...(isMapping(said.provisioning) ? said.provisioning : {}), locked } };
}

function present(mapping: Mapping): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
}

const nonEmpty = (mapping: Mapping) => (Object.keys(mapping).length === 0 ? undefined : mapping);
const filled = <T>(list: readonly T[] | undefined) =>
  list === undefined || list.length === 0 ? undefined : list;

/** A list in a file replaces ours: 112 works in any case. */
function withEuropes(emergency: readonly string[] | undefined): readonly string[] | undefined {
  if (emergency === undefined || emergency.length === 0) return undefined;
  return [...new Set(['112', ...emergency])];
}

function composedAccount(draft: AccountDraft, warn: Warn): readonly Mapping[] {
  const { name, enabled, password, displayName, expires, family, srtp, voicemail } = draft;
  if (enabled === false || isBlank(draft)) return [];
  const { user, registrar, outboundProxy } = addressOf(draft);
  if (user === undefined) {
    warn(`${name}: no user name: the account is left out`);
    return [];
  }
  if (registrar === undefined) warn(`${name}: no registrar in this file`);
  const transport = strictest(outboundProxy?.transport, draft.transport, registrar?.transport);
  return [
    present({
      user,
      domain: registrar?.host,
      password,
      authUser: draft.authUser === user ? undefined : draft.authUser,
      displayName,
      outboundProxy: outboundProxy && uriOf(outboundProxy, transport),
      port: registrar?.port,
      transport,
      fallbacks: filled(draft.fallbacks.map((fallback) => composedFallback(fallback, transport))),
      family,
      srtp,
      codecs: codecsOf(draft, warn),
      expires: expiresOf(draft, expires, warn),
      voicemail,
      mwi: draft.subscribeMwi === undefined ? undefined : { subscribe: draft.subscribeMwi },
    }),
  ];
}

/** Of which the file does not say how it is reached, it is as the first registrar: a second one must not be weaker. */
function composedFallback({ host, port, transport }: Server, first: Server['transport']): Mapping {
  return present({ domain: host, port, transport: transport ?? first });
}

/** The first that is named; TLS wherever it stands is meant for the whole way. */
function strictest(...named: readonly Server['transport'][]): Server['transport'] {
  return named.includes('tls') ? 'tls' : named.find((transport) => transport !== undefined);
}

/** A slot of the telephone that the file leaves empty. */
function isBlank({ user, password, authUser, registrar }: AccountDraft): boolean {
  return [user, password, authUser, registrar].every((value) => value === undefined);
}

/**
 * `alice@example.net` with the server 192.0.2.1: the address of record is of example.net, requests go through 192.0.2.1.
 * A proxy that is the registrar itself says nothing.
 */
function addressOf({
  user,
  registrar,
  outboundProxy,
}: AccountDraft): Pick<AccountDraft, 'user' | 'registrar' | 'outboundProxy'> {
  const at = user?.lastIndexOf('@') ?? -1;
  const domain = user?.slice(at + 1);
  if (user !== undefined && domain !== undefined && at > 0 && domain !== '') {
    const same = registrar === undefined || registrar.host.toLowerCase() === domain.toLowerCase();
    return {
      user: user.slice(0, at),
      registrar: same ? { ...registrar, host: domain } : { host: domain },
      outboundProxy: outboundProxy ?? (same ? undefined : registrar),
    };
  }
  const redundant =
    outboundProxy !== undefined &&
    outboundProxy.host === registrar?.host &&
    outboundProxy.port === registrar.port &&
    outboundProxy.transport === undefined;
  return { user, registrar, outboundProxy: redundant ? undefined : outboundProxy };
}

/** `sip:192.0.2.1:5060;lr`: what has no transport of its own takes the account's. */
function uriOf({ host, port, transport }: Server, accounts: Server['transport']): string {
  const named = transport ?? accounts ?? 'auto';
  const parameter = named === 'auto' ? '' : `;transport=${named}`;
  return `sip:${inUri(host)}${port === undefined ? '' : `:${port}`}${parameter};lr`;
}

function codecsOf({ name, codecs }: AccountDraft, warn: Warn): readonly string[] | undefined {
  const asked = codecs?.filter((codec) => !NO_CODEC.test(codec));
  if (asked === undefined || asked.length === 0) return undefined;
  const ours = [...new Set(asked.flatMap((codec) => codecNamed(codec) ?? []))];
  const others = [...new Set(asked.filter((codec) => codecNamed(codec) === undefined))];
  if (others.length > 0) warn(`${name}: we have no codec ${others.map(shown).join(', ')}`);
  if (ours.length > 0) return ours;
  warn(`${name}: none of its codecs is ours: ${CODECS.join(', ')} are offered`);
  return undefined;
}

/** The schema's limits. Whoever asks for more often or seldom gets what is nearest. */
const EXPIRES = { least: 60, most: 86_400 };

function expiresOf({ name }: AccountDraft, seconds: number | undefined, warn: Warn): number | undefined {
  if (seconds === undefined || seconds === 0) return undefined;
  const nearest = Math.min(EXPIRES.most, Math.max(EXPIRES.least, seconds));
  if (nearest !== seconds) warn(`${name}: registers every ${nearest} s, not ${seconds} s`);
  return nearest;
}

/** A word of the file, short enough for a line; never used for secrets. */
export function shown(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?');
  return plain.length > 32 ? `${plain.slice(0, 32)}…` : plain;
}
