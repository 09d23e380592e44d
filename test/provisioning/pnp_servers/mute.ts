/**
 * Never says 200, hears only every second request, ends its lines with bare line feeds, knows no Via, and counts its
 * body wrongly.
 */
import { listen, url } from './listen.ts';

let heard = 0;

listen(({ from, socket, field }) => {
  heard += 1;
  if (heard % 2 === 1) return;
  const notify = [
    `NOTIFY sip:${from.address} SIP/2.0`,
    `From: ${field('From')}`,
    `To: ${field('To')}`,
    `Call-ID: ${field('Call-ID')}`,
    'CSeq: 2 NOTIFY',
    'Content-Type: text/plain',
    'Content-Length: 5',
  ];
  socket.send(`${notify.join('\n')}\n\n${url}\n`, from.port, from.address);
});
