/**
 * Snom's XML: `<settings><phone-settings>`, one element a setting, `idx` for the identity. `perm="R"` keeps a setting from
 * the user, `RW` leaves it to him. What stands between the elements (templates leave words there) says nothing.
 */
import type { Warn } from './compose.ts';
import type { AccountDraft, Draft } from './draft.ts';
import { snomKey } from './keymap.ts';
import { LookUp } from './look_up.ts';
import type { Entry, Settings } from './settings.ts';
import type { Server } from './values.ts';
import { onOff } from './values.ts';
import type { XmlElement } from './xml.ts';
import { hostWithPort } from './yealink.ts';
import { zoneOfSnom } from './zone.ts';

/** Sections of which each child is a setting. */
const SECTIONS = ['phone-settings', 'settings'];
const SAVP = { off: 'optional', optional: 'optional', mandatory: 'required' } as const;

export function snomEntries(root: XmlElement): readonly Entry[] {
  const sections = root.children.filter(({ name }) => SECTIONS.includes(name));
  const others = root.children.filter(({ name }) => !SECTIONS.includes(name));
  const settings =
    root.name === 'phone-settings' ? root.children : sections.flatMap(({ children }) => children);
  return [
    ...settings.map(entryOf),
    // Keys, phone book, languages: told by their name.
    ...others.flatMap(({ name, children }) =>
      children.map((child) => ({ ...entryOf(child), name: `${name}/${entryOf(child).name}` })),
    ),
  ];
}

function entryOf({ name, attributes, text }: XmlElement): Entry {
  const idx = /^\d{1,3}$/.test(attributes.idx ?? '') ? Number(attributes.idx) : undefined;
  return {
    name: idx === undefined ? name : `${name} idx=${idx}`,
    value: text,
    key: snomKey(name, idx),
    locked: /^(?:R|&)$/.test(attributes.perm ?? ''),
  };
}

export function snomDraft(settings: Settings, warn: Warn): Draft {
  const look = new LookUp(settings, warn);
  const syslog = look.server('syslog.server');
  return {
    accounts: accountsOf(look),
    language: look.language(),
    country: look.country(),
    sipPort: look.port('net.sipPort'),
    rtpPorts: look.rtpPorts(),
    knownOnly: look.onOff('security.acceptFrom') || undefined,
    timeServers: look.timeServers(),
    zone: look.get('time.zone', zoneOfSnom),
    emergency: look.emergency(),
    provisioning: {
      url: look.provisioningUrl((text) => text),
      user: look.text('provisioning.user'),
      password: look.text('provisioning.password'),
      interval: look.interval(look.number('provisioning.interval')),
    },
    syslog: syslog && {
      server: hostWithPort(syslog.host, syslog.port),
      transport: syslog.transport === 'auto' ? undefined : syslog.transport,
      level: undefined,
    },
    locked: look.locked(),
  };
}

/**
 * An identity that another names as its failover identity, with the same user, is that one's second registrar, and none
 * of its own.
 */
function accountsOf(look: LookUp): readonly AccountDraft[] {
  const { settings } = look;
  const backups = new Map<number, number>();
  const taken = new Set<number>();
  for (const account of settings.accounts) {
    const backup = look.number('accounts[].fallbacks[].domain', account);
    if (backup === undefined || backup === account || look.enabled(account) === false) continue;
    if (taken.has(account) || backups.has(backup)) continue;
    if (look.text('accounts[].user', backup) !== look.text('accounts[].user', account)) {
      look.warn(`user_failover_identity idx=${account}: identity ${backup} has another user: not used`);
      continue;
    }
    backups.set(account, backup);
    taken.add(backup);
  }
  return settings.accounts
    .filter((account) => !taken.has(account))
    .map((account) => accountOf(look, account, backups.get(account)));
}

function accountOf(look: LookUp, account: number, backup: number | undefined): AccountDraft {
  const outboundProxy = look.server('accounts[].outboundProxy', account);
  const mailbox = look.text('accounts[].voicemail', account);
  return {
    name: `identity ${account}`,
    ...look.owner(account),
    registrar: look.server('accounts[].domain', account),
    fallbacks: backup === undefined ? [] : fallbackOf(look, backup),
    outboundProxy,
    transport: outboundProxy?.transport,
    expires: look.number('accounts[].expires', account),
    family: undefined,
    srtp: srtpOf(look, account),
    codecs: look.text('accounts[].codecs', account)?.split(/[\s,]+/),
    voicemail: mailbox,
    // A mailbox is asked about wherever one is named.
    subscribeMwi:
      look.onOff('accounts[].mwi.subscribe', account) ?? (mailbox === undefined ? undefined : true),
  };
}

function fallbackOf(look: LookUp, backup: number): readonly Server[] {
  const server = look.server('accounts[].domain', backup);
  return server === undefined || look.enabled(backup) === false ? [] : [server];
}

/** Two settings: whether there is a key, and whether the profile of RFC 3711 is demanded with it. */
function srtpOf(look: LookUp, account: number): AccountDraft['srtp'] {
  const srtp = look.demand('accounts[].srtp', onOff, 'on or off', account);
  if (srtp === false) return 'off';
  return look.code('accounts[].srtp demanded', SAVP, account) ?? (srtp === true ? 'optional' : undefined);
}
