/** Grandstream's XML: `<gs_provision><config>`, one element `P…` a setting; each account has numbers of its own. */
import type { Warn } from './compose.ts';
import type { AccountDraft, Draft } from './draft.ts';
import { grandstreamKey } from './keymap.ts';
import { LookUp } from './look_up.ts';
import type { Entry, Settings } from './settings.ts';
import { NO_CODEC, onOff, type Server } from './values.ts';
import type { XmlElement } from './xml.ts';
import { hostWithPort } from './yealink.ts';
import { zoneOfGrandstream } from './zone.ts';

const TRANSPORTS = { 0: 'udp', 1: 'tcp', 2: 'tls' } as const;
/** 3 takes SRTP where the other side offers it. */
const SRTP = { 0: 'off', 1: 'optional', 2: 'required', 3: 'optional' } as const;
const SCHEMES = { 0: 'tftp', 1: 'http', 2: 'https' } as const;
/** 0 is none. */
const LEVELS = { 0: undefined, 1: 'debug', 2: 'info', 3: 'warn', 4: 'error' } as const;
/** Where an A record is looked up, the port is the default one. */
const DEFAULT_PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const;

export function grandstreamEntries(root: XmlElement): readonly Entry[] {
  const configs = root.children.filter(({ name }) => name === 'config');
  return configs
    .flatMap(({ children }) => children)
    .map(({ name, text }) => ({ name, value: text, key: grandstreamKey(name) }));
}

export function grandstreamDraft(settings: Settings, warn: Warn): Draft {
  const look = new LookUp(settings, warn);
  const scheme = look.code('provisioning.url scheme', SCHEMES) ?? 'https';
  // P194: 1 asks every P193 minutes; 0 is never, 2 every day, which is what we do anyway.
  const everyMinutes = (look.text('provisioning.interval used') ?? '1') === '1';
  const minutes = everyMinutes ? look.number('provisioning.interval') : undefined;
  return {
    accounts: settings.accounts.map((account) => accountOf(look, account)),
    language: look.language(),
    sipPort: look.port('net.sipPort'),
    knownOnly: knownOnly(look),
    timeServers: look.timeServers(),
    zone: look.get('time.zone', zoneOfGrandstream),
    dialMap: look.planOfAccounts('grandstream'),
    provisioning: {
      url: look.provisioningUrl((text) => (text.includes('://') ? text : `${scheme}://${text}`)),
      user: look.text('provisioning.user'),
      password: look.text('provisioning.password'),
      interval: look.interval(minutes && minutes * 60),
    },
    syslog: syslogOf(look),
  };
}

function accountOf(look: LookUp, account: number): AccountDraft {
  const transport = look.code('accounts[].transport', TRANSPORTS, account);
  const minutes = look.number('accounts[].expires', account);
  const backup = look.server('accounts[].fallbacks[].domain', account);
  return {
    name: `account ${account}`,
    ...look.owner(account),
    registrar: registrarOf(look, account, transport),
    fallbacks: backup ? [{ ...backup, ...(transport !== undefined && { transport }) }] : [],
    outboundProxy: look.server('accounts[].outboundProxy', account),
    transport,
    expires: minutes && minutes * 60,
    family: undefined,
    srtp: look.code('accounts[].srtp', SRTP, account),
    codecs: codecsOf(look, account),
    voicemail: look.text('accounts[].voicemail', account),
    subscribeMwi: look.onOff('accounts[].mwi.subscribe', account),
  };
}

/** P103: 0 looks up addresses only, so the port is fixed; 1 and 2 ask for SRV. */
function registrarOf(
  look: LookUp,
  account: number,
  transport: AccountDraft['transport'],
): Server | undefined {
  const server = look.server('accounts[].domain', account);
  if (server === undefined || server.port !== undefined) return server;
  if (look.text('accounts[].lookup', account) !== '0' || transport === 'auto') return server;
  return { ...server, port: DEFAULT_PORTS[transport ?? 'udp'] };
}

/** Payload types in the order of the choices; the telephone repeats one where it has fewer. */
function codecsOf(look: LookUp, account: number): readonly string[] | undefined {
  const choices = look.settings
    .all('accounts[].codecs', account)
    .toSorted((a, b) => choiceOf(a.name) - choiceOf(b.name))
    .map(({ value }) => PAYLOAD_TYPES[value] ?? value)
    .filter((codec) => !NO_CODEC.test(codec));
  return choices.length === 0 ? undefined : choices;
}

/** For warnings: 97 and 98 are iLBC only here. */
const PAYLOAD_TYPES: Readonly<Record<string, string>> = {
  0: 'pcmu',
  8: 'pcma',
  9: 'g722',
  123: 'opus',
  18: 'g729',
  2: 'g726-32',
  4: 'g723',
  97: 'ilbc',
  98: 'ilbc',
};

/** P57 to P62, then P46 and P98, are the choices of account 1; the others' numbers rise. */
const FIRST_ACCOUNTS = ['P57', 'P58', 'P59', 'P60', 'P61', 'P62', 'P46', 'P98'];

function choiceOf(name: string): number {
  const first = FIRST_ACCOUNTS.indexOf(name.toUpperCase());
  return first >= 0 ? first : Number(name.slice(1));
}

function knownOnly(look: LookUp): boolean | undefined {
  const settings = [look.settings.find('security.acceptFrom')].concat(
    look.settings.accounts.map((account) => look.settings.find('security.acceptFrom', account)),
  );
  const trusted = settings.some((setting) => setting !== undefined && onOff(setting.value) === true);
  // P277 switches them off.
  return trusted || look.onOff('direct calls') === true || undefined;
}

function syslogOf(look: LookUp): Draft['syslog'] {
  const server = look.server('syslog.server');
  const level = look.text('syslog.level');
  if (server === undefined || level === '0') return undefined;
  return {
    server: hostWithPort(server.host, server.port),
    transport: undefined,
    level: look.code('syslog.level', LEVELS),
  };
}
