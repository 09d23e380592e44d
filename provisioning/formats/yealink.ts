/**
 * Yealink's configuration files: first line `#!version:1.0.0.1`, then `key = value`; `#` begins a comment only at the
 * start of a line (passwords and URLs hold it); `%NULL%` or nothing resets a key; the later of two lines counts.
 */
import type { Warn } from './compose.ts';
import type { AccountDraft, Draft } from './draft.ts';
import { yealinkKey } from './keymap.ts';
import { LookUp } from './look_up.ts';
import type { Entry, Settings } from './settings.ts';
import type { Server } from './values.ts';
import { zoneOfYealink } from './zone.ts';

const TRANSPORTS = { 0: 'udp', 1: 'tcp', 2: 'tls', 3: 'auto' } as const;
const SRTP = { 0: 'off', 1: 'optional', 2: 'required' } as const;
const FAMILIES = { 0: 'ipv4', 1: 'ipv6', 2: 'auto' } as const;
const SYSLOG_TRANSPORTS = { 0: 'udp', 1: 'tcp', 2: 'tls' } as const;

const LINE = /^\s*([\w.-]+)\s*=(.*)$/;
const CODEC = /^account\.(\d{1,3})\.codec\.(\w+)\.(enable|priority)$/i;

/** The lines of a file. */
export function yealinkEntries(text: string, warn: Warn): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, raw = ''] = LINE.exec(line) ?? [];
    // What stands there may be half of a password: it is not shown.
    if (/^\s*(?:\[[^\]]*\]\s*)?(?:include:config|overwrite_mode)\b/i.test(line)) continue;
    if (name === undefined) warn(`line ${index + 1}: no "key = value", passed over`);
    else entries.push({ name, value: raw.trim() === '%NULL%' ? '' : raw.trim(), key: yealinkKey(name) });
  }
  if (!/^\s*#!version:/i.test(text)) warn('the first line is not #!version:1.0.0.1');
  return entries;
}

/** `include:config <URL>` and `include:config "URL"` of a `.boot` file, in order; none: it is an ordinary file. */
export function yealinkIncludes(text: string): readonly string[] {
  const includes = text.matchAll(
    /^[ \t]*(?:\[[^\]\n]*\][ \t]*)?include:config[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")/gim,
  );
  return [...includes].map(([, angled, quoted]) => (angled ?? quoted ?? '').trim());
}

export function yealinkDraft(settings: Settings, warn: Warn, entries: readonly Entry[]): Draft {
  const look = new LookUp(settings, warn);
  const codecs = codecsByAccount(entries);
  const family = look.code('accounts[].family', FAMILIES);
  if (settings.all('dial.map replacements').length > 0)
    warn('dialplan.replace: rules of this kind are not used');
  return {
    accounts: settings.accounts.map((account) => accountOf(look, account, codecs.get(account), family)),
    language: look.language(),
    country: look.country(),
    sipPort: look.port('net.sipPort'),
    rtpPorts: look.rtpPorts(),
    knownOnly: knownOnly(look),
    timeServers: look.timeServers(),
    zone: zoneOf(look),
    dialMap: look.onOff('dial.map used') === false ? undefined : look.plan('dial.map', 'mgcp'),
    emergency: look.emergency(),
    provisioning: {
      url: look.provisioningUrl((text) => text),
      user: look.text('provisioning.user'),
      password: look.text('provisioning.password'),
      interval: intervalOf(look),
    },
    syslog: syslogOf(look),
  };
}

function accountOf(
  look: LookUp,
  account: number,
  codecs: readonly string[] | undefined,
  family: AccountDraft['family'],
): AccountDraft {
  const transport = look.code('accounts[].transport', TRANSPORTS, account);
  const hasProxy = look.onOff('accounts[].outboundProxy used', account) !== false;
  return {
    name: `account.${account}`,
    ...look.owner(account),
    // 3 is DNS-NAPTR: the port comes from there.
    registrar: without(serverOf(look, 'accounts[].domain', 'accounts[].port', account), transport === 'auto'),
    fallbacks: fallbacksOf(look, account),
    outboundProxy: hasProxy
      ? serverOf(look, 'accounts[].outboundProxy', 'accounts[].outboundProxy port', account)
      : undefined,
    transport,
    expires: look.number('accounts[].expires', account),
    family,
    srtp: look.code('accounts[].srtp', SRTP, account),
    codecs,
    voicemail: look.text('accounts[].voicemail', account),
    subscribeMwi: look.onOff('accounts[].mwi.subscribe', account),
  };
}

type HostMeaning = 'accounts[].domain' | 'accounts[].fallbacks[].domain' | 'accounts[].outboundProxy';
type PortMeaning = 'accounts[].port' | 'accounts[].fallbacks[].port' | 'accounts[].outboundProxy port';

function serverOf(look: LookUp, host: HostMeaning, port: PortMeaning, account: number): Server | undefined {
  const server = look.server(host, account);
  const given = look.port(port, account);
  return server && { ...server, ...(given !== undefined && { port: given }) };
}

function without(server: Server | undefined, port: boolean): Server | undefined {
  return server && port ? { host: server.host } : server;
}

function fallbacksOf(look: LookUp, account: number): readonly Server[] {
  const server = serverOf(look, 'accounts[].fallbacks[].domain', 'accounts[].fallbacks[].port', account);
  const transport = look.code('accounts[].fallbacks[].transport', TRANSPORTS, account);
  return server ? [{ ...server, ...(transport !== undefined && { transport }) }] : [];
}

/** Enabled codecs by priority, and in the file's order where it gives none. */
function codecsByAccount(entries: readonly Entry[]): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, Map<string, { enabled: boolean; priority: number }>>();
  for (const { name, value } of entries) {
    const [, account, codec = '', what] = CODEC.exec(name) ?? [];
    if (account === undefined) continue;
    const codecs = found.get(Number(account)) ?? new Map<string, { enabled: boolean; priority: number }>();
    found.set(Number(account), codecs);
    const known = codecs.get(codec) ?? { enabled: false, priority: Number.POSITIVE_INFINITY };
    const enabled = what === 'enable' ? value === '1' : known.enabled;
    const priority = what === 'priority' && /^\d{1,3}$/.test(value) ? Number(value) : known.priority;
    codecs.set(codec, { enabled, priority });
  }
  return new Map(
    [...found].map(([account, codecs]) => [
      account,
      [...codecs]
        .filter(([, { enabled }]) => enabled)
        .sort(([, a], [, b]) => (a.priority === b.priority ? 0 : a.priority - b.priority))
        .map(([codec]) => codec),
    ]),
  );
}

function knownOnly(look: LookUp): boolean | undefined {
  const trusted = look.onOff('security.acceptFrom');
  const ofAccounts = look.settings.accounts.map((account) => look.onOff('security.acceptFrom', account));
  return trusted === true || ofAccounts.includes(true) || look.onOff('direct calls') === false || undefined;
}

function zoneOf(look: LookUp): string | undefined {
  const given = {
    offset: look.text('time.zone'),
    name: look.text('time.zone name'),
    summer: look.text('time.zone summer'),
  };
  if (given.offset === undefined && given.name === undefined) return undefined;
  const zone = zoneOfYealink(given);
  if (zone === undefined) look.warn('local_time.time_zone: no zone that we know exactly: set time.zone');
  return zone;
}

function intervalOf(look: LookUp): number | undefined {
  const minutes = look.number('provisioning.interval');
  if (minutes === undefined || look.onOff('provisioning.interval used') === false) return undefined;
  return look.interval(minutes * 60);
}

function syslogOf(look: LookUp): Draft['syslog'] {
  if (look.onOff('syslog used') === false) return undefined;
  const server = look.server('syslog.server');
  const port = look.port('syslog.server port') ?? server?.port;
  return {
    server: server && hostWithPort(server.host, port),
    transport: look.code('syslog.transport', SYSLOG_TRANSPORTS),
    level: undefined,
  };
}

/** For our schema: an IPv6 address with a port stands in brackets. */
export function hostWithPort(host: string, port: number | undefined): string {
  if (port === undefined) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
