/** A neighbour may ring and be rung, and nothing else; who has gone is a stranger again. */
import test from 'ava';
import { Admission } from '#sip/admission.ts';
import { readMessage } from '#sip/message/message.ts';
import type { Flow } from '#sip/types.ts';

const METHODS = ['INVITE', 'ACK', 'CANCEL', 'OPTIONS'];
const NOT_THEIRS = [
  'REGISTER',
  'SUBSCRIBE',
  'NOTIFY',
  'MESSAGE',
  'REFER',
  'PUBLISH',
  'INFO',
  'UPDATE',
  'BYE',
];

function from(address: string): Flow {
  const family = address.includes(':') ? 6 : 4;
  const local = { family, address: family === 6 ? '2001:db8::1' : '192.0.2.1', port: 5060 } as const;
  return { transport: 'udp', local, remote: { family, address, port: 5060 } };
}

function may(admission: Admission, method: string, address: string): boolean {
  const message = readMessage(Buffer.from(`${method} sip:204@192.0.2.1 SIP/2.0\r\n\r\n`));
  if (message === undefined) throw new Error('not read');
  return admission.admits(message, from(address));
}

test('a neighbour rings, and nothing else', (t) => {
  const admission = new Admission({ acceptFrom: 'known', allow: [] }, []);
  t.false(may(admission, 'INVITE', '192.0.2.7'));
  admission.neighbours(['192.0.2.7', '2001:db8:0::7', 'fe80::7%eth0']);
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::7', 'fe80::7%eth0']) {
    for (const method of METHODS) t.true(may(admission, method, address), `${method} from ${address}`);
    for (const method of NOT_THEIRS) t.false(may(admission, method, address), `${method} from ${address}`);
  }
});

test('the same address on another link is somebody else', (t) => {
  const admission = new Admission({ acceptFrom: 'known', allow: [] }, []);
  admission.neighbours(['fe80::7%eth0']);
  t.false(may(admission, 'INVITE', 'fe80::7%wlan0'));
  t.false(may(admission, 'INVITE', 'fe80::7'));
});

test('who has gone is a stranger again', (t) => {
  const admission = new Admission({ acceptFrom: 'known', allow: [] }, []);
  admission.neighbours(['192.0.2.7']);
  admission.neighbours([]);
  t.false(may(admission, 'INVITE', '192.0.2.7'));
});
