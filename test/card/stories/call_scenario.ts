/** SIPp calls a user of a registrar that asks for a password, says a capture, and hangs up. */
import { expect, pause, request, scenario } from '../../interop/scenarios/steps.ts';

const VIA = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport';
const FROM = 'From: SIPp <sip:sipp@[local_ip]:[local_port]>;tag=sipp[call_number]';

/** A request inside the dialog, by the route that was recorded. */
function inDialog(method: string, cseq: number, retransmit = false): string {
  const lines = [
    `${method} [next_url] SIP/2.0`,
    VIA,
    '[routes]',
    FROM,
    'To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]',
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  return `<send${retransmit ? ' retrans="500"' : ''}><![CDATA[\n${lines.join('\n')}\n\n]]></send>`;
}

/** `speech`: a step; `lasts`: ms. */
export function calling(realm: string, password: string, sdp: string, speech: string, lasts: number): string {
  const proof = `[authentication username=sipp password=${password}]`;
  return scenario(
    request('INVITE', { sdp, retransmit: true, branch: `z9hG4bK-${realm}-[call_number]` }),
    expect(100, { optional: true }),
    '<recv response="407" auth="true"/>',
    request('ACK', { inDialog: true, branch: `z9hG4bK-${realm}-[call_number]` }),
    request('INVITE', { sdp, retransmit: true, cseq: 2, headers: [proof] }),
    expect(100, { optional: true }),
    expect(180, { optional: true }),
    expect(200, { routes: true }),
    inDialog('ACK', 2),
    speech,
    pause(lasts + 1500),
    inDialog('BYE', 3, true),
    expect(200),
  );
}
