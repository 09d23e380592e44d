/**
 * npm `sip`: whole calls between two of its agents. Its UDP transport runs as it is, on a socket that is the wire in
 * memory. It has no dialogs, so these few lines are the user's part: they make ACK and BYE by hand.
 */
import dgram from 'node:dgram';
import { DESCRIPTION } from './messages.ts';
import { library, type SipRequest } from './stacks/sip.ts';
import { AT_ONCE, CALLED, CALLER, Wire } from './wire.ts';

const wire = new Wire();
const addressOf = (port: number) => (port === CALLED.port ? CALLED : CALLER).address;
const BOB = `sip:bob@${CALLED.address}:${CALLED.port}`;

Object.defineProperty(dgram, 'createSocket', {
  value: (_type: string, hear: (octets: Uint8Array, from: { address: string; port: number }) => void) => {
    let own = 0;
    return {
      bind(port: number) {
        own = port;
        wire.attach(port, ({ octets, from }) => hear(octets, { address: addressOf(from), port: from }));
      },
      send(octets: Uint8Array, _offset: number, _length: number, to: number) {
        wire.send({ octets, from: own, to });
      },
      close() {},
    };
  },
});

const CONTACT = [{ uri: BOB }];

const called = library.create({ ...CALLED, tcp: false }, (request) => {
  if (request.method === 'ACK') return;
  const tagged = (status: number, reason: string) => {
    const response = library.makeResponse(request, status, reason);
    response.headers.to.params.tag ??= 'bob1';
    return response;
  };
  if (request.method !== 'INVITE') return called.send(tagged(200, 'OK'));
  called.send(tagged(180, 'Ringing'));
  const ok = tagged(200, 'OK');
  ok.headers.contact = CONTACT;
  ok.headers['content-type'] = 'application/sdp';
  ok.content = DESCRIPTION;
  called.send(ok);
});

const caller = library.create({ ...CALLER, tcp: false }, () => {});
let serial = 0;

/** One call; `done` hears whether it went through. */
function call(done: (completed: boolean) => void): void {
  serial += 1;
  const from = { uri: 'sip:alice@example.org', params: { tag: `a${serial}` } };
  const callId = `call-${serial}@${CALLER.address}`;
  const request = (method: string, seq: number, to: unknown, more: object = {}) => ({
    method,
    uri: BOB,
    headers: { to, from, 'call-id': callId, cseq: { method, seq }, 'max-forwards': 70, via: [], ...more },
  });
  const invite = request(
    'INVITE',
    1,
    { uri: BOB, params: {} },
    {
      contact: [{ uri: `sip:alice@${CALLER.address}:${CALLER.port}` }],
      'content-type': 'application/sdp',
    },
  );
  caller.send({ ...invite, content: DESCRIPTION }, (response: SipRequest) => {
    if ((response.status ?? 0) < 200) return;
    if (response.status !== 200) return done(false);
    caller.send(request('ACK', 1, response.headers.to));
    caller.send(request('BYE', 2, response.headers.to), (answer) => done(answer.status === 200));
  });
}

/** A hundred calls at once; resolves to how many were completed. */
export function batch(): Promise<number> {
  return new Promise((resolve) => {
    let completed = 0;
    let over = 0;
    for (let i = 0; i < AT_ONCE; i += 1) {
      call((success) => {
        completed += success ? 1 : 0;
        over += 1;
        if (over === AT_ONCE) resolve(completed);
      });
    }
  });
}
