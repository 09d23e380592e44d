/** Means ill: other Call-IDs, no URL, datagrams as large as there are (two megabytes in all), a thousand answers. */
import { listen } from './listen.ts';

const HUGE = 'x'.repeat(60_000);

let busy = false;

listen(({ from, socket, field }) => {
  if (busy) return;
  busy = true;
  const notify = (callId: string, body: string) =>
    `NOTIFY sip:x SIP/2.0\r\nFrom: <sip:x>\r\nTo: <sip:y>\r\nCall-ID: ${callId}\r\nCSeq: 1 NOTIFY\r\n\r\n${body}`;
  const ours = field('Call-ID');
  const texts = [
    ...Array.from({ length: 20 }, (_, i) => notify(`guess-${i}`, 'http://192.0.2.66/evil')),
    ...Array.from({ length: 20 }, () => notify(ours, 'nothing to see here')),
    ...Array.from({ length: 34 }, () => notify(ours, `http://192.0.2.66/${HUGE}`)),
    ...Array.from({ length: 1000 }, (_, i) => notify(ours, `http://192.0.2.66/evil/${i}`)),
  ];
  // In portions: what the kernel drops cannot be counted by anybody.
  const portion = () => {
    for (const text of texts.splice(0, 2)) socket.send(text, from.port, from.address);
    if (texts.length > 0) setTimeout(portion, 2);
    else console.log('sent');
  };
  portion();
});
