/**
 * Counts octets instead of reading: the MAC is octets 20 to 31, model and version are what stands third and fourth in
 * Event. Its 200 ends without the empty line, its NOTIFY is our request turned round badly: our own Via on top,
 * From and To as they were, no To tag, CSeq counted on; and it comes from another port.
 */
import { elsewhere, listen, url } from './listen.ts';

const other = elsewhere();

listen(({ text, from, socket, field }) => {
  const mac = text.slice(20, 32);
  const [, , , model = '', version = ''] = field('Event').split(';');
  const shared = ['Via', 'From', 'To', 'Call-ID'].map((name) => `${name}: ${field(name)}`);
  const ok = ['SIP/2.0 200 OK', ...shared, 'CSeq: 1 SUBSCRIBE', 'Expires: 0', 'Content-Length: 0', ''];
  socket.send(ok.join('\r\n'), from.port, from.address);
  const body = url.replace('{mac}', mac.toLowerCase());
  const notify = [
    `NOTIFY sip:${from.address}:${from.port} SIP/2.0`,
    ...shared,
    'CSeq: 2 NOTIFY',
    'Max-Forwards: 20',
    'Content-Type: application/url',
    'Subscription-State: terminated;reason=timeout',
    `Event: ua-profile;profile-type="device";vendor="OEM";${model};${version}`,
    `Content-Length: ${body.length}`,
  ];
  other.send(`${notify.join('\r\n')}\r\n\r\n${body}`, from.port, from.address);
});
