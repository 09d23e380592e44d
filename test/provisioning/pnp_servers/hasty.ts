/**
 * Sends its NOTIFY before the 200, with two Vias and a Record-Route to itself, another maker's Event, compact and
 * lower-case names, and a body with blanks, line ends and NULs behind the URL.
 */
import { listen, url } from './listen.ts';

listen(({ from, socket, field }) => {
  const notify = [
    `NOTIFY sip:${from.address}:${from.port} SIP/2.0`,
    'v: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bKinner',
    'v: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKouter',
    'Record-Route: <sip:127.0.0.1;lr>',
    `f: ${field('To')};tag=hasty`,
    `t: ${field('From')}`,
    `i: ${field('Call-ID')}`,
    'cseq: 7 NOTIFY',
    'o: ua-profile;profile-type="application";vendor="OEM";model="OEM";version="7.1"',
    'c: application/url',
  ];
  socket.send(`${notify.join('\r\n')}\r\n\r\n  ${url} \r\n\r\n\0\0`, from.port, from.address);
  const ok = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(name)}`);
  setTimeout(() => socket.send(`SIP/2.0 200 OK\r\n${ok.join('\r\n')}\r\n\r\n`, from.port, from.address), 50);
});
