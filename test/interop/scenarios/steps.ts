/** Steps of SIPp scenarios. `[…]` are SIPp's own keywords. */

const DIALOG = [
  '[last_Via:]',
  '[last_From:]',
  '[last_To:];tag=sipp[call_number]',
  '[last_Call-ID:]',
  '[last_CSeq:]',
];
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>';

/** SDP of SIPp: one PCMA stream with RFC 4733 events. */
export function description(direction = 'sendrecv', extra: readonly string[] = []): string {
  return [
    'v=0',
    'o=sipp 1 [cseq] IN IP[local_ip_type] [local_ip]',
    's=-',
    'c=IN IP[media_ip_type] [media_ip]',
    't=0 0',
    'm=audio [media_port] RTP/AVP 8 101',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    `a=${direction}`,
    ...extra,
    '',
  ].join('\n');
}

export function scenario(...steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="test">\n${steps.join('\n')}\n</scenario>\n`;
}

interface SendOptions {
  readonly headers?: readonly string[];
  readonly sdp?: string;
  /** The request being answered has a To tag already. */
  readonly inDialog?: boolean;
  /** Retransmit from T1 until the next message comes. */
  readonly retransmit?: boolean;
}

function send(lines: readonly string[], options: SendOptions): string {
  const body = options.sdp ?? '';
  const entity =
    body === '' ? ['Content-Length: 0'] : ['Content-Type: application/sdp', 'Content-Length: [len]'];
  const text = [...lines, ...(options.headers ?? []), ...entity, '', body].join('\n');
  return `<send${options.retransmit ? ' retrans="500"' : ''}><![CDATA[\n${text}\n]]></send>`;
}

/** An answer to the request received last. */
export function respond(status: string, options: SendOptions = {}): string {
  const dialog = options.inDialog ? DIALOG.map((line) => line.replace(';tag=sipp[call_number]', '')) : DIALOG;
  return send([`SIP/2.0 ${status}`, ...dialog, CONTACT], options);
}

/** A final answer to the INVITE while the request received last is its CANCEL. */
export function respondToInvite(status: string): string {
  return send([`SIP/2.0 ${status}`, ...DIALOG.slice(0, 4), 'CSeq: [$cseq] INVITE'], {});
}

/** What later steps need of the INVITE, kept in SIPp's variables. */
const REMEMBERED = {
  cseq: ['CSeq:', '[0-9]+'],
  caller: ['From:', '.+'],
  callee: ['To:', '.+'],
  contact: ['Contact:', 'sip:[^>]+'],
};

/** Waits for a request; `remember` keeps what `respondToInvite` and `requestBack` need. */
export function receive(method: string, options: { remember?: boolean } = {}): string {
  if (!options.remember) return `<recv request="${method}"/>`;
  const actions = Object.entries(REMEMBERED).map(
    ([name, [header, pattern]]) =>
      `<ereg regexp="${pattern}" search_in="hdr" header="${header}" assign_to="${name}"/>`,
  );
  const used = `<Reference variables="${Object.keys(REMEMBERED).join(',')}"/>`;
  return `<recv request="${method}"><action>${actions.join('')}</action></recv>${used}`;
}

/** A request of SIPp as the called side, inside the dialog. */
export function requestBack(method: string, options: SendOptions & { cseq?: number } = {}): string {
  const { cseq = 1 } = options;
  return send(
    [
      `${method} [$contact] SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport',
      'From: [$callee];tag=sipp[call_number]',
      'To: [$caller]',
      '[last_Call-ID:]',
      `CSeq: ${cseq} ${method}`,
      CONTACT,
      'Max-Forwards: 70',
    ],
    options,
  );
}

export function expect(status: number, options: { optional?: boolean; routes?: boolean } = {}): string {
  return `<recv response="${status}"${options.optional ? ' optional="true"' : ''}${options.routes ? ' rrs="true"' : ''}/>`;
}

/** A request of SIPp's own as the calling side. `[branch]` and `[call_id]` are SIPp's. */
export function request(
  method: string,
  options: SendOptions & { cseq?: number; branch?: string } = {},
): string {
  const { cseq = 1, inDialog = false } = options;
  const uri = 'sip:[service]@[remote_ip]:[remote_port]';
  const to = inDialog ? `To: <${uri}>[peer_tag_param]` : `To: <${uri}>`;
  return send(
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${options.branch ?? '[branch]'};rport`,
      'From: SIPp <sip:sipp@[local_ip]:[local_port]>;tag=sipp[call_number]',
      to,
      'Call-ID: [call_id]',
      `CSeq: ${cseq} ${method}`,
      CONTACT,
      'Max-Forwards: 70',
    ],
    options,
  );
}

export const pause = (ms: number): string => `<pause milliseconds="${ms}"/>`;
export const playPcap = (file: string): string =>
  `<nop><action><exec play_pcap_audio="${file}"/></action></nop>`;

/**
 * A scenario of the called side for a phone that registers here first: each REGISTER is a call of its own for SIPp
 * and gets its 200; what begins with another request goes through `steps`.
 */
export function registrar(...steps: readonly string[]): string {
  const granted = respond('200 OK', { headers: ['Contact: [$bound];expires=600'] });
  return scenario(
    '<recv request="REGISTER" optional="true" next="1"><action><ereg regexp=".+" search_in="hdr" header="Contact:" assign_to="bound"/></action></recv>',
    '<Reference variables="bound"/>',
    ...steps,
    '<nop next="2"/>',
    '<label id="1"/>',
    granted,
    '<label id="2"/>',
  );
}

/** Waits for a request whose header field matches; SIPp fails when it does not. */
export function receiveWith(method: string, header: string, pattern: string): string {
  const check = `<ereg regexp="${pattern}" search_in="hdr" header="${header}:" check_it="true" assign_to="checked"/>`;
  return `<recv request="${method}"><action>${check}</action></recv><Reference variables="checked"/>`;
}
