/** We call SIPp: basic calls with echoed sound over every transport and family, CANCEL, re-INVITE, lost messages. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { LossyRelay } from '../support/lossy_relay.ts';
import { needing } from '../support/needs.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { toneIn } from '../support/wav_tone.ts';
import { startSipp } from './peers/sipp.ts';
import {
  description,
  expect,
  pause,
  receive,
  requestBack,
  respond,
  respondToInvite,
  scenario,
} from './scenarios/steps.ts';

const withSipp = needing('sipp');
const SIP_PORT = 15_100;
const config = (rtp: number) => ({ net: { sipPort: SIP_PORT, rtpPorts: `${rtp}-${rtp + 20}` } });

/** Level of `tone:440`, dB of a full-scale sine. */
const OURS_DB = -13;

const BYE = [receive('BYE'), respond('200 OK', { inDialog: true })];
const ANSWER = [
  receive('INVITE'),
  respond('180 Ringing'),
  respond('200 OK', { sdp: description(), retransmit: true }),
  receive('ACK'),
];

/** Starts a phone, hands it to the story, ends it. */
async function withPhone(t: ExecutionContext, story: (phone: PhoneProcess) => Promise<void>): Promise<void> {
  const phone = await PhoneProcess.start(scratch('sipp-called'), config(17_100));
  try {
    await story(phone);
  } finally {
    t.is(await phone.stop(), 0);
  }
}

const WAYS = [
  { transport: 'udp', address: '127.0.0.1', host: '127.0.0.1' },
  { transport: 'udp', address: '::1', host: '[::1]' },
  { transport: 'tcp', address: '127.0.0.1', host: '127.0.0.1' },
  { transport: 'tcp', address: '::1', host: '[::1]' },
] as const;

for (const { transport, address, host } of WAYS) {
  withSipp(`a call to SIPp over ${transport} and ${address} brings our tone back by its echo`, (t) =>
    withPhone(t, async (phone) => {
      const sipp = await startSipp({
        directory: phone.directory,
        scenario: scenario(...ANSWER, ...BYE),
        ...{ address, port: 15_200, transport, echo: true },
      });
      const parameter = transport === 'tcp' ? ';transport=tcp' : '';
      t.is((await phone.verb('dial', `sip:echo@${host}:15200${parameter}`, '--wait')).code, 0);
      await sleep(1500);
      const talking = await phone.call('talking');
      t.is(talking.signalling?.transport, transport);
      t.is(talking.signalling?.family, address === '::1' ? 'ipv6' : 'ipv4');
      t.is(talking.media?.family, talking.signalling?.family);
      t.is((await phone.verb('hangup')).code, 0);
      t.is(await sipp.exit(5000), 0, sipp.output);
      const tone = toneIn(phone.heard, 440);
      t.true(tone.seconds > 1, JSON.stringify(tone));
      t.true(Math.abs(tone.levelDb - OURS_DB) < 3, JSON.stringify(tone));
    }),
  );
}

const CANCELLED = [
  receive('CANCEL'),
  respond('200 OK'),
  respondToInvite('487 Request Terminated'),
  receive('ACK'),
];

withSipp(
  'hanging up before anything but 100 came sends no CANCEL until 1xx, then the call is cancelled',
  (t) =>
    withPhone(t, async (phone) => {
      const sipp = await startSipp({
        directory: phone.directory,
        scenario: scenario(
          receive('INVITE', { remember: true }),
          pause(600),
          respond('100 Trying'),
          ...CANCELLED,
        ),
        ...{ address: '127.0.0.1', port: 15_200 },
      });
      await phone.verb('dial', 'sip:slow@127.0.0.1:15200');
      await phone.verb('hangup');
      t.is(await sipp.exit(8000), 0, sipp.output);
      t.is((await phone.call('ended')).state, 'ended');
    }),
);

withSipp('hanging up while it rings cancels the call', (t) =>
  withPhone(t, async (phone) => {
    const sipp = await startSipp({
      directory: phone.directory,
      scenario: scenario(receive('INVITE', { remember: true }), respond('180 Ringing'), ...CANCELLED),
      ...{ address: '127.0.0.1', port: 15_200 },
    });
    await phone.verb('dial', 'sip:rings@127.0.0.1:15200');
    await phone.call('ringing');
    await phone.verb('hangup');
    t.is(await sipp.exit(8000), 0, sipp.output);
    t.is((await phone.call('ended')).state, 'ended');
  }),
);

withSipp('the called side holds and resumes the call by re-INVITE', (t) =>
  withPhone(t, async (phone) => {
    const reinvite = (cseq: number, direction: string) => [
      requestBack('INVITE', { cseq, sdp: description(direction), retransmit: true }),
      expect(100, { optional: true }),
      expect(200),
      requestBack('ACK', { cseq }),
    ];
    const sipp = await startSipp({
      directory: phone.directory,
      scenario: scenario(
        receive('INVITE', { remember: true }),
        respond('200 OK', { sdp: description(), retransmit: true }),
        receive('ACK'),
        pause(300),
        ...reinvite(1, 'sendonly'),
        pause(1200),
        ...reinvite(2, 'sendrecv'),
        ...BYE,
      ),
      ...{ address: '127.0.0.1', port: 15_200, echo: true },
    });
    t.is((await phone.verb('dial', 'sip:holds@127.0.0.1:15200', '--wait')).code, 0);
    await phone.call('held');
    await phone.call('talking');
    await phone.verb('hangup');
    t.is(await sipp.exit(8000), 0, sipp.output);
  }),
);

const LOSSES = [
  { what: 'the first INVITE', word: 'INVITE' },
  { what: 'the first 180', word: '180' },
  { what: 'the first 200', word: '200' },
  { what: 'the first ACK', word: 'ACK' },
] as const;

for (const { what, word } of LOSSES) {
  withSipp(`a call to SIPp goes through although ${what} is lost`, (t) =>
    withPhone(t, async (phone) => {
      const relay = await LossyRelay.open({
        ...{ near: 15_301, far: 15_302, peer: 15_200 },
        loses: (start, count) => start === word && count === 0,
      });
      try {
        const sipp = await startSipp({
          directory: phone.directory,
          scenario: scenario(...ANSWER, ...BYE).replaceAll('[local_port];transport', '15301;transport'),
          ...{ address: '127.0.0.1', port: 15_200, echo: true },
        });
        t.is((await phone.verb('dial', 'sip:lossy@127.0.0.1:15301', '--wait')).code, 0);
        await sleep(1500);
        await phone.verb('hangup');
        t.is(await sipp.exit(8000), 0, sipp.output);
        t.deepEqual(relay.lost, [word]);
        t.is((await phone.call('ended')).state, 'ended');
      } finally {
        relay.close();
      }
    }),
  );
}

withSipp('a refusal by the called side is shown with its reason', (t) =>
  withPhone(t, async (phone) => {
    const sipp = await startSipp({
      directory: phone.directory,
      scenario: scenario(receive('INVITE'), respond('486 Busy Here'), receive('ACK')),
      ...{ address: '127.0.0.1', port: 15_200 },
    });
    const { code, output } = await phone.verb('dial', 'sip:busy@127.0.0.1:15200', '--wait');
    t.is(code, 1);
    t.regex(output, /[Bb]usy/);
    t.is(await sipp.exit(5000), 0, sipp.output);
  }),
);
