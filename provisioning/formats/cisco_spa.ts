/**
 * The flat profile of Sipura, Linksys and Cisco SPA: `<Key_1_>` is the key of line 1; `ua="na"` keeps a setting from the
 * user. Accounts, codecs, and what provisioning servers write beside them. The profile is often split over two files.
 */
import type { Warn } from './compose.ts';
import type { AccountDraft, Draft } from './draft.ts';
import { lookUp, patternsOf } from './keymap.ts';
import { LookUp } from './look_up.ts';
import type { Entry, Settings } from './settings.ts';
import { onOff, type Server, transportNamed } from './values.ts';
import type { XmlElement } from './xml.ts';
import { hostWithPort } from './yealink.ts';

/** `#` is the number of the line. */
const PATTERNS = patternsOf([
  ['name', 'Station_Name'],
  ['accounts[].enabled', 'Line_Enable#'],
  ['accounts[].user', 'User_ID#'],
  ['accounts[].authUser', 'Auth_ID#'],
  ['accounts[].password', 'Password#'],
  ['accounts[].displayName', 'Display_Name#'],
  ['accounts[].domain', 'Proxy#'],
  ['accounts[].lookup', 'Use_DNS_SRV#'],
  ['accounts[].outboundProxy', 'Outbound_Proxy#'],
  ['accounts[].outboundProxy used', 'Use_Outbound_Proxy#'],
  ['accounts[].transport', 'SIP_Transport#'],
  ['accounts[].expires', 'Register_Expires#'],
  ['accounts[].codecs', 'Preferred_Codec# Second_Preferred_Codec# Third_Preferred_Codec#'],
  ['accounts[].dial.map', 'Dial_Plan#'],
  ['accounts[].voicemail', 'Voice_Mail_Number'],
  ['time.servers', 'Primary_NTP_Server Secondary_NTP_Server Time_Server'],
  ['syslog.server', 'Syslog_Server'],
  ['language', 'Language_Selection'],
  ['label on the line key', 'Extension# Short_Name# Extended_Function#'],
  ['how keys are sent in a call', 'DTMF_Tx_Method#'],
  ['which registrar when', 'Proxy_Fallback_Intvl#'],
  [
    'names and passwords of the admin page',
    'Admin_Passwd User_Password Web_Login_Admin_Name Web_Login_Admin_Password Web_Login_Guest_Name Web_Login_Guest_Password',
  ],
  ['VLAN', 'Enable_VLAN VLAN_ID Enable_PC_Port_VLAN_Tagging PC_Port_VLAN_ID WAN_VLAN_Enable WAN_VLAN_ID'],
  ['form and change of the time', 'Time_Zone'],
  ['firmware', 'Upgrade_Rule'],
  ['programmable keys', 'Call_Pickup_Code Attendant_Console_Call_Pickup_Code'],
  ['language of the page', 'Dictionary_Server_Script Locale'],
]);

/** Sections inside the profile (`<router-configuration><Time_Setup>`) are read as if they were not there. */
export function ciscoSpaEntries(root: XmlElement): readonly Entry[] {
  return root.children.flatMap((element) =>
    element.children.length > 0 ? ciscoSpaEntries(element) : [entryOf(element)],
  );
}

function entryOf({ name, text, attributes }: XmlElement): Entry {
  const [, key = name, line] = /^(\w+?)_(\d{1,2})_$/.exec(name) ?? [];
  const found = lookUp(PATTERNS, line === undefined ? name : `${key}#`);
  return {
    name,
    value: text,
    key: found && { ...found, ...(line !== undefined && { account: Number(line) }) },
    locked: /^(?:na|ro)$/i.test(attributes.ua ?? ''),
  };
}

export function ciscoSpaDraft(settings: Settings, warn: Warn): Draft {
  const look = new LookUp(settings, warn);
  const syslog = look.server('syslog.server');
  return {
    name: look.text('name')?.slice(0, 64),
    accounts: settings.accounts.map((account) => accountOf(look, account)),
    language: look.language(),
    timeServers: look.timeServers(),
    dialMap: look.planOfAccounts('sipura'),
    syslog: syslog && {
      server: hostWithPort(syslog.host, syslog.port),
      transport: undefined,
      level: undefined,
    },
    locked: look.locked(),
  };
}

function accountOf(look: LookUp, account: number): AccountDraft {
  const hasProxy = look.onOff('accounts[].outboundProxy used', account) !== false;
  const codecs = look.settings
    .all('accounts[].codecs', account)
    .toSorted((a, b) => choiceOf(a.name) - choiceOf(b.name));
  return {
    name: `line ${account}`,
    ...look.owner(account),
    registrar: registrarOf(look, account),
    fallbacks: [],
    outboundProxy: hasProxy ? look.server('accounts[].outboundProxy', account) : undefined,
    transport: look.demand('accounts[].transport', transportNamed, 'UDP, TCP or TLS', account),
    expires: look.number('accounts[].expires', account),
    family: undefined,
    srtp: undefined,
    codecs: codecs.length === 0 ? undefined : codecs.map(({ value }) => value),
    voicemail: look.text('accounts[].voicemail'),
    subscribeMwi: undefined,
  };
}

/** Without SRV the port is the default one. */
function registrarOf(look: LookUp, account: number): Server | undefined {
  const server = look.server('accounts[].domain', account);
  const srv = look.get('accounts[].lookup', onOff, account);
  return server && srv === false && server.port === undefined ? { ...server, port: 5060 } : server;
}

function choiceOf(name: string): number {
  return ['Second', 'Third'].findIndex((word) => name.startsWith(word));
}
