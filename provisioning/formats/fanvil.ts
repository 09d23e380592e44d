/** Fanvil's `<VOIP_CONFIG_FILE>`: modules, in them lists of entries; a line is an entry whose ID is `SIP1`. */
import type { Warn } from './compose.ts';
import type { AccountDraft, Draft } from './draft.ts';
import { lookUp, patternsOf } from './keymap.ts';
import { LookUp } from './look_up.ts';
import type { Entry, Settings } from './settings.ts';
import { type Server, transportNamed } from './values.ts';
import type { XmlElement } from './xml.ts';
import { hostWithPort } from './yealink.ts';

/** `#` stands for an entry of the list of lines. */
const PATTERNS = patternsOf([
  ['accounts[].enabled', 'Enable_Reg#'],
  ['accounts[].user', 'Phone_Number#'],
  ['accounts[].authUser', 'Register_User#'],
  ['accounts[].password', 'Register_Pswd#'],
  ['accounts[].displayName', 'Display_Name#'],
  ['accounts[].domain', 'Register_Addr#'],
  ['accounts[].port', 'Register_Port#'],
  ['accounts[].transport', 'Transport#'],
  ['accounts[].expires', 'Register_TTL#'],
  ['accounts[].fallbacks[].domain', 'Backup_Addr#'],
  ['accounts[].fallbacks[].port', 'Backup_Port#'],
  ['accounts[].fallbacks[].transport', 'Backup_Transpo#'],
  ['accounts[].outboundProxy', 'Proxy_Addr#'],
  ['accounts[].outboundProxy port', 'Proxy_Port#'],
  ['accounts[].voicemail', 'MWI_Num#'],
  ['which registrar when', 'Backup_TTL# Backup_Mode#'],
  // Ours has one name and password for registrar and proxy.
  ['second outbound proxy', 'Proxy_User# Proxy_Pswd#'],
  ['how keys are sent in a call', 'DTMF_Mode#'],
  ['net.sipPort', 'SIP__Port'],
  ['time.servers', 'SNTP_Server'],
  ['language', 'Language'],
  ['syslog used', 'Enable_Syslog'],
  ['syslog.server', 'Syslog_address'],
  ['syslog.server port', 'Syslog_port'],
  ['form and change of the time', 'Enable_SNTP SNTP_Timeout Time_Display_Style Date_Display_Style'],
  ['VLAN', 'Enable_VLAN VLAN_ID Signalling_Priority Voice_Priority'],
  [
    'how the admin page is reached',
    'Web_Port Web_Server_Type Https_Web_Port Enable_MMI_Filter Web_Authentication Default_WEB_User',
  ],
  ['names and passwords of the admin page', 'MMI_Account_Entry.** Menu_Password'],
  ['label on the line key', 'LCD_Title'],
  ['programmable keys', 'Function_Key.** Function_Key'],
  [
    'how much is logged',
    'MGR_Trace_Level SIP_Trace_Level Trace_File_Info Enable_Watch_Dog Enable_Memory_Info',
  ],
  ['disconnection by the far end', 'Port_Config_Entry.**'],
]);

export function fanvilEntries(root: XmlElement): readonly Entry[] {
  return root.children.flatMap((element) => (element.name === 'version' ? [] : entriesIn(element)));
}

function entriesIn(element: XmlElement): readonly Entry[] {
  if (/_Entry$/.test(element.name)) return entriesOfList(element);
  if (element.children.length > 0) return element.children.flatMap(entriesIn);
  // Modules and lists without anything in them.
  if (/_MODULE$|_List$/.test(element.name)) return [];
  return [{ name: element.name, value: element.text, key: lookUp(PATTERNS, element.name) }];
}

/** `<SIP_Line_List_Entry><ID>SIP2</ID>…`. */
function entriesOfList({ name: list, children }: XmlElement): readonly Entry[] {
  const id = children.find(({ name }) => name === 'ID')?.text ?? '';
  const [, line] = /^SIP(\d{1,2})$/.exec(id) ?? [];
  const settings = children.filter(({ name }) => name !== 'ID');
  return settings.map(({ name, text }) => {
    const key = line === undefined ? lookUp(PATTERNS, `${list}.${name}`) : lookUp(PATTERNS, `${name}#`);
    return {
      name: `${id === '' ? list : id}/${name}`,
      value: text,
      key: key && { ...key, ...(line !== undefined && { account: Number(line) }) },
    };
  });
}

export function fanvilDraft(settings: Settings, warn: Warn): Draft {
  const look = new LookUp(settings, warn);
  const syslog = look.onOff('syslog used') === false ? undefined : look.server('syslog.server');
  const port = look.port('syslog.server port') ?? syslog?.port;
  return {
    accounts: settings.accounts.map((account) => accountOf(look, account)),
    language: look.language(),
    sipPort: look.port('net.sipPort'),
    timeServers: look.timeServers(),
    syslog: syslog && { server: hostWithPort(syslog.host, port), transport: undefined, level: undefined },
  };
}

function accountOf(look: LookUp, account: number): AccountDraft {
  const transport = look.demand('accounts[].transport', transportNamed, 'UDP, TCP or TLS', account);
  const second = look.demand('accounts[].fallbacks[].transport', transportNamed, 'UDP, TCP or TLS', account);
  const backup = serverOf(look, 'accounts[].fallbacks[].domain', 'accounts[].fallbacks[].port', account);
  return {
    name: `SIP${account}`,
    ...look.owner(account),
    registrar: serverOf(look, 'accounts[].domain', 'accounts[].port', account),
    fallbacks: backup ? [{ ...backup, ...(second !== undefined && { transport: second }) }] : [],
    outboundProxy: serverOf(look, 'accounts[].outboundProxy', 'accounts[].outboundProxy port', account),
    transport,
    expires: look.number('accounts[].expires', account),
    family: undefined,
    srtp: undefined,
    codecs: undefined,
    voicemail: look.text('accounts[].voicemail', account),
    subscribeMwi: undefined,
  };
}

function serverOf(
  look: LookUp,
  host: 'accounts[].domain' | 'accounts[].fallbacks[].domain' | 'accounts[].outboundProxy',
  port: 'accounts[].port' | 'accounts[].fallbacks[].port' | 'accounts[].outboundProxy port',
  account: number,
): Server | undefined {
  const server = look.server(host, account);
  const given = look.port(port, account);
  return server && { ...server, ...(given !== undefined && { port: given }) };
}
