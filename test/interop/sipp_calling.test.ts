/** SIPp calls us: we ring, answer, hear what it plays, and survive what it loses. */
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { encodeAlaw } from '#media/g711.ts';
import { bestOf } from '../support/best_of.ts';
import { LossyRelay } from '../support/lossy_relay.ts';
import { needing } from '../support/needs.ts';
import { writeRtpCapture } from '../support/pcap.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { toneIn } from '../support/wav_tone.ts';
import { startSipp } from './peers/sipp.ts';
import {
  description,
  expect,
  pause,
  playPcap,
  receive,
  request,
  respond,
  scenario,
} from './scenarios/steps.ts';

const withSipp = needing('sipp');
const SIP_PORT = 15_110;
const SIPP_PORT = 15_210;
const CALLER = { port: SIPP_PORT, user: 'phone' };
const IN_DIALOG = { inDialog: true } as const;

const INVITE = request('INVITE', { sdp: description(), retransmit: true });
const ANSWERED = [expect(100, { optional: true }), expect(180), expect(200)];
const HANG_UP = [request('BYE', { ...IN_DIALOG, cseq: 9, retransmit: true }), expect(200)];

async function withPhone(t: ExecutionContext, story: (phone: PhoneProcess) => Promise<void>): Promise<void> {
  const net = { sipPort: SIP_PORT, rtpPorts: '17200-17220' };
  const phone = await PhoneProcess.start(scratch('sipp-calling'), { net });
  try {
    await story(phone);
  } finally {
    t.is(await phone.stop(), 0);
  }
}

function withPhoneAndSound(
  test: ExecutionContext,
  story: (phone: PhoneProcess, t: ExecutionContext) => Promise<void>,
): Promise<void> {
  return bestOf(3, test, (t) => withPhone(t, (phone) => story(phone, t)));
}

/** Two seconds of 1004 Hz at half scale, as a capture for SIPp. */
function toneCapture(directory: string): string {
  const file = join(directory, 'tone.pcap');
  const packets = Array.from({ length: 100 }, (_, n) =>
    Uint8Array.from({ length: 160 }, (_, i) =>
      encodeAlaw(Math.round(16_000 * Math.sin((2 * Math.PI * 1004 * (n * 160 + i)) / 8000))),
    ),
  );
  writeRtpCapture(file, packets);
  return file;
}

for (const transport of ['udp', 'tcp'] as const) {
  for (const address of ['127.0.0.1', '::1'] as const) {
    withSipp(
      `SIPp calls over ${transport} and ${address}, we answer and hear the capture that it plays`,
      (test) =>
        withPhoneAndSound(test, async (phone, t) => {
          const sipp = await startSipp({
            ...CALLER,
            directory: phone.directory,
            scenario: scenario(
              INVITE,
              ...ANSWERED,
              request('ACK', IN_DIALOG),
              playPcap(toneCapture(phone.directory)),
              pause(2300),
              ...HANG_UP,
            ),
            ...{ address, transport, target: `${address === '::1' ? '[::1]' : address}:${SIP_PORT}` },
          });
          await phone.call('ringing');
          t.is((await phone.verb('answer')).code, 0);
          const talking = await phone.call('talking');
          t.is(talking.direction, 'in');
          t.is(talking.signalling?.transport, transport);
          t.is(await sipp.exit(8000), 0, sipp.output);
          t.is((await phone.call('ended')).state, 'ended');
          const tone = toneIn(phone.heard, 1004);
          t.true(tone.seconds > 1.5, JSON.stringify(tone));
          t.true(tone.longestGapMs <= 40, JSON.stringify(tone));
        }),
    );
  }
}

withSipp('the caller hangs up while we ring: 487, and the bell stops', (t) =>
  withPhone(t, async (phone) => {
    const sipp = await startSipp({
      ...CALLER,
      directory: phone.directory,
      scenario: scenario(
        request('INVITE', {
          sdp: description(),
          retransmit: true,
          branch: 'z9hG4bK-cancelled-[call_number]',
        }),
        expect(100, { optional: true }),
        expect(180),
        pause(300),
        request('CANCEL', { branch: 'z9hG4bK-cancelled-[call_number]' }),
        expect(200),
        expect(487),
        request('ACK', { ...IN_DIALOG, branch: 'z9hG4bK-cancelled-[call_number]' }),
      ),
      ...{ address: '127.0.0.1', target: `127.0.0.1:${SIP_PORT}` },
    });
    await phone.call('ringing');
    t.is(await sipp.exit(8000), 0, sipp.output);
    t.is((await phone.call('ended')).state, 'ended');
  }),
);

withSipp('the caller holds the call and resumes it', (t) =>
  withPhone(t, async (phone) => {
    const reinvite = (cseq: number, direction: string) => [
      request('INVITE', { ...IN_DIALOG, cseq, sdp: description(direction), retransmit: true }),
      expect(100, { optional: true }),
      expect(200),
      request('ACK', { ...IN_DIALOG, cseq }),
    ];
    const sipp = await startSipp({
      ...CALLER,
      directory: phone.directory,
      scenario: scenario(
        INVITE,
        ...ANSWERED,
        request('ACK', IN_DIALOG),
        pause(300),
        ...reinvite(2, 'sendonly'),
        pause(1200),
        ...reinvite(3, 'sendrecv'),
        pause(800),
        ...HANG_UP,
      ),
      ...{ address: '127.0.0.1', target: `127.0.0.1:${SIP_PORT}` },
    });
    await phone.call('ringing');
    await phone.verb('answer');
    await phone.call('held');
    await phone.call('talking');
    t.is(await sipp.exit(8000), 0, sipp.output);
  }),
);

withSipp('we hang up a call that SIPp made', (t) =>
  withPhone(t, async (phone) => {
    const sipp = await startSipp({
      ...CALLER,
      directory: phone.directory,
      scenario: scenario(
        INVITE,
        ...ANSWERED,
        request('ACK', IN_DIALOG),
        receive('BYE'),
        respond('200 OK', IN_DIALOG),
      ),
      ...{ address: '127.0.0.1', target: `127.0.0.1:${SIP_PORT}` },
    });
    await phone.call('ringing');
    await phone.verb('answer');
    await phone.call('talking');
    await phone.verb('hangup');
    t.is(await sipp.exit(8000), 0, sipp.output);
  }),
);

for (const word of ['INVITE', '180', '200', 'ACK'] as const) {
  withSipp(`a call from SIPp goes through although the first ${word} is lost`, (t) =>
    withPhone(t, async (phone) => {
      const relay = await LossyRelay.open({
        ...{ near: 15_311, far: 15_312, peer: SIP_PORT },
        loses: (start, count) => start === word && count === 0,
      });
      try {
        const sipp = await startSipp({
          ...CALLER,
          directory: phone.directory,
          scenario: scenario(
            INVITE,
            expect(100, { optional: true }),
            expect(180, { optional: word === '180' }),
            expect(200),
            request('ACK', IN_DIALOG),
            pause(1500),
            ...HANG_UP,
          ),
          ...{ address: '127.0.0.1', target: '127.0.0.1:15311' },
        });
        await phone.call('ringing');
        await phone.verb('answer');
        await phone.call('talking');
        t.is(await sipp.exit(12_000), 0, sipp.output);
        t.deepEqual(relay.lost, [word]);
        t.is((await phone.call('ended')).state, 'ended');
      } finally {
        relay.close();
      }
    }),
  );
}
