/**
 * Refuses the subscription with 489 and sends the URL all the same, three times over with other URLs among them,
 * as message/external-body, on a continued line, from a socket that it then closes.
 */
import { elsewhere, listen, url } from './listen.ts';

listen(({ from, socket, field }) => {
  const shared = ['Via', 'From', 'To', 'Call-ID'].map((name) => `${name}: ${field(name)}`);
  socket.send(`SIP/2.0 489 Bad Event\r\n${shared.join('\r\n')}\r\n`, from.port, from.address);
  const other = elsewhere();
  for (const found of ['http://192.0.2.99/first', url, url]) {
    const notify = [
      `NOTIFY sip:x@${from.address} SIP/2.0`,
      ...shared,
      'CSeq: 1 SUBSCRIBE',
      'Event: check-sync',
      `Content-Type: message/external-body;access-type="URL";expiration="0";\r\n  URL="${found}"`,
      'Content-Length: 0',
    ];
    other.send(`${notify.join('\r\n')}\r\n\r\n`, from.port, from.address);
  }
  setTimeout(() => other.close(), 100);
});
