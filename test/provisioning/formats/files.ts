/** Shared by the tests of this folder: a file read, and small ones of each format. */
import { type ReadFile, readProvisioned } from '#provisioning/formats/read_file.ts';

export const octets = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** The file must be readable. */
export async function read(file: string | Uint8Array, ...common: readonly string[]): Promise<ReadFile> {
  const result = await readProvisioned(typeof file === 'string' ? octets(file) : file, ...common.map(octets));
  if ('error' in result) throw new Error(result.error);
  return result;
}

/** The sentence with which it is refused. */
export async function refusal(file: string | Uint8Array): Promise<string> {
  const result = await readProvisioned(typeof file === 'string' ? octets(file) : file);
  return 'error' in result ? result.error : 'read';
}

export const yealink = (...lines: readonly string[]) => ['#!version:1.0.0.1', ...lines, ''].join('\n');
export const snom = (...elements: readonly string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<settings><phone-settings>${elements.join('\n')}</phone-settings></settings>`;
export const grandstream = (...elements: readonly string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1"><config version="1">${elements.join('\n')}</config></gs_provision>`;
export const cisco = (...elements: readonly string[]) =>
  `<flat-profile>${elements.join('\n')}</flat-profile>`;

/** One of each, whole, with what the readers know. */
export const WHOLE = {
  yealink: yealink(
    'account.1.enable = 1',
    'account.1.user_name = 204',
    'account.1.auth_name = kitchen',
    'account.1.password = p#ss = "word"',
    'account.1.display_name = Küche',
    'account.1.sip_server.1.address = pbx.example.net',
    'account.1.sip_server.1.port = 5061',
    'account.1.sip_server.1.transport_type = 2',
    'account.1.sip_server.1.expires = 1800',
    'account.1.sip_server.2.address = 2001:db8::2',
    'account.1.outbound_proxy_enable = 1',
    'account.1.outbound_proxy.1.address = edge.example.net',
    'account.1.srtp_encryption = 2',
    'account.1.codec.opus.enable = 1',
    'account.1.codec.opus.priority = 1',
    'account.1.codec.pcma.enable = 1',
    'account.1.codec.pcma.priority = 2',
    'dialplan.digitmap.enable = 1',
    'dialplan.digitmap.string = (0T|[2-7]xx|00x.T)',
    'local_time.time_zone = +1',
    'local_time.time_zone_name = Germany(Berlin)',
    'voice.tone.country = Germany',
    'lang.gui = German',
  ),
  snom: snom(
    '<user_name idx="1" perm="R">204</user_name>',
    '<user_host idx="1" perm="RW">pbx.example.net:5062</user_host>',
    '<user_pass idx="1" perm="R">s&amp;cret</user_pass>',
    '<user_srtp idx="1">on</user_srtp><user_savp idx="1">mandatory</user_savp>',
    '<codec_priority_list idx="1">g722,pcma,telephone-event</codec_priority_list>',
    '<timezone>GER+1</timezone><tone_scheme>GER</tone_scheme><language>Deutsch</language>',
  ),
  grandstream: grandstream(
    '<P271>1</P271><P47>pbx.example.net</P47><P35>204</P35><P34>secret</P34><P130>1</P130>',
    '<P57>9</P57><P58>8</P58><P183>1</P183><P32>30</P32><P290>{x+|*x+}</P290>',
  ),
  cisco: cisco(
    '<Line_Enable_1_>Yes</Line_Enable_1_><Proxy_1_>pbx.example.net</Proxy_1_><User_ID_1_>204</User_ID_1_>',
    '<Password_1_>secret</Password_1_><Preferred_Codec_1_>G711a</Preferred_Codec_1_>',
  ),
  fanvil:
    '<VOIP_CONFIG_FILE><SIP_CONFIG_MODULE><SIP_Line_List><SIP_Line_List_Entry><ID>SIP1</ID>' +
    '<Phone_Number>204</Phone_Number><Register_Addr>pbx.example.net</Register_Addr>' +
    '<Register_Pswd>secret</Register_Pswd><Enable_Reg>1</Enable_Reg></SIP_Line_List_Entry></SIP_Line_List>' +
    '</SIP_CONFIG_MODULE></VOIP_CONFIG_FILE>',
  dualtone: '{"schema": "dualtone.config/1", "accounts": [{"user": "204", "domain": "pbx.example.net"}]}',
} as const;
