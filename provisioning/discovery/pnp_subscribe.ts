/**
 * The SUBSCRIBE of SIP plug and play: `ua-profile` (RFC 6080) to RFC 3261's multicast group, as makers of telephones
 * agreed to send it. Servers read it by counting: the MAC stands in octets 20 to 31 of the first line, model and
 * version are the third and fourth parameter of Event. So neither shape nor order may change.
 */
import { Buffer } from 'node:buffer';
import { type DeviceIdentity, instanceUuid, macWithColons } from '../identity.ts';

/** RFC 3261 10.2.6: no group of IPv6 was ever assigned, so there is no plug and play on IPv6. */
export const PNP_GROUP = { address: '224.0.1.75', port: 5060 } as const;

export interface PnpRequest {
  readonly identity: DeviceIdentity;
  /** Where the socket is heard: an IPv4 address of ours and its port. */
  readonly local: { readonly address: string; readonly port: number };
  /** Random parts, new for each burst; a server's answer is known by the Call-ID alone. */
  readonly branch: string;
  readonly tag: string;
  readonly callId: string;
}

export function pnpSubscribe({ identity, local, branch, tag, callId }: PnpRequest): Uint8Array {
  const { mac, model, version, vendor } = identity;
  const user = `MAC%3A${mac.toUpperCase()}`;
  const uri = `sip:${user}@${PNP_GROUP.address}`;
  const here = `${local.address}:${local.port}`;
  const lines = [
    `SUBSCRIBE ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${here};branch=z9hG4bK${branch};rport`,
    'Max-Forwards: 1',
    `From: <${uri}>;tag=${tag}`,
    `To: <${uri}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 SUBSCRIBE',
    `Contact: <sip:${user}@${here}>;+sip.instance="<urn:uuid:${instanceUuid({ mac })}>"`,
    `Event: ua-profile;profile-type="device";vendor="${quotable(vendor)}";model="${quotable(model)}";version="${quotable(version)}"`,
    'Accept: application/url',
    'Expires: 0',
    `User-Agent: Dualtone ${quotable(model)} ${quotable(version)} ${macWithColons(mac)}`,
    'Content-Length: 0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** What would end a quoted string, or the line, is left out. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\;]/g, '');
}
