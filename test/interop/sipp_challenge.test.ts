/** SIPp challenges our INVITE, as a server and as a proxy: the right algorithm is answered, and the call goes on. */
import { needing } from '../support/needs.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { startSipp } from './peers/sipp.ts';
import { description, receive, receiveWith, registrar, respond } from './scenarios/steps.ts';

const withSipp = needing('sipp');
const SIPP_PORT = 15_220;

const challenge = (algorithm: string) =>
  `Digest realm="pbx.test", nonce="n0nce-${algorithm}", qop="auth", algorithm=${algorithm}`;

const CASES = [
  { status: '401 Unauthorized', asks: 'WWW-Authenticate', answers: 'Authorization', offered: ['MD5'] },
  { status: '401 Unauthorized', asks: 'WWW-Authenticate', answers: 'Authorization', offered: ['SHA-256'] },
  {
    status: '407 Proxy Authentication Required',
    asks: 'Proxy-Authenticate',
    answers: 'Proxy-Authorization',
    offered: ['MD5'],
  },
  {
    status: '407 Proxy Authentication Required',
    asks: 'Proxy-Authenticate',
    answers: 'Proxy-Authorization',
    offered: ['MD5', 'X-UNKNOWN', 'SHA-256'],
  },
];

for (const transport of ['udp', 'tcp'] as const) {
  for (const { status, asks, answers, offered } of CASES) {
    const chosen = offered.at(-1);
    withSipp(`${status} with ${offered.join(', ')} over ${transport} is answered by ${chosen}`, async (t) => {
      const directory = scratch('sipp-challenge');
      const sipp = await startSipp({
        directory,
        scenario: registrar(
          receive('INVITE'),
          respond(status, { headers: offered.map((algorithm) => `${asks}: ${challenge(algorithm)}`) }),
          receive('ACK'),
          receiveWith(
            'INVITE',
            answers,
            `algorithm=${chosen}.*n0nce-${chosen}|n0nce-${chosen}.*algorithm=${chosen}`,
          ),
          respond('200 OK', { sdp: description(), retransmit: true }),
          receive('ACK'),
          receive('BYE'),
          respond('200 OK', { inDialog: true }),
        ),
        ...{ address: '127.0.0.1', port: SIPP_PORT, transport, calls: 2 },
      });
      const account = { user: 'alice', domain: '127.0.0.1', port: SIPP_PORT, transport, password: 's3cret' };
      const net = { sipPort: 15_130, rtpPorts: '17400-17420' };
      const phone = await PhoneProcess.start(directory, { accounts: [account], net });
      try {
        await phone.registered();
        t.is((await phone.verb('dial', 'bob', '--wait')).code, 0, phone.output + sipp.output);
        await phone.verb('hangup');
        t.is(await sipp.exit(8000), 0, sipp.output);
      } finally {
        phone.kill('SIGKILL');
        await phone.exit(2000);
      }
    });
  }
}
