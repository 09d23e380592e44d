/** Registered at Kamailio, called and calling through it: digest, both directions, sound on both sides. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { bestOf } from '../support/best_of.ts';
import { needing } from '../support/needs.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { toneIn, writeToneWav } from '../support/wav_tone.ts';
import { Baresip } from './peers/baresip.ts';
import { type KamailioOptions, startKamailio } from './peers/kamailio.ts';

const PBX = 15_400;
const PHONE = 15_120;
const BARESIP = 15_500;
const withKamailio = needing('kamailio');
const withBaresip = needing('kamailio', 'baresip');

type Way = { readonly transport: 'udp' | 'tcp'; readonly address: string };
const WAYS: readonly Way[] = [
  { transport: 'udp', address: '127.0.0.1' },
  { transport: 'udp', address: '[::1]' },
  { transport: 'tcp', address: '127.0.0.1' },
  { transport: 'tcp', address: '[::1]' },
];

/** Our phone as `alice` of pbx.test, by way of an outbound proxy: nothing here depends on a name server. */
function alice({ transport, address }: Way, more: Record<string, unknown> = {}) {
  const account = {
    ...{ user: 'alice', domain: 'pbx.test', password: 's3cret' },
    outboundProxy: `sip:${address}:${PBX};transport=${transport};lr`,
    ...more,
  };
  return { accounts: [account], net: { sipPort: PHONE, rtpPorts: '17300-17320' } };
}

interface Stage {
  readonly t: ExecutionContext;
  readonly phone: PhoneProcess;
  readonly directory: string;
}

async function onStage(
  t: ExecutionContext,
  config: Record<string, unknown>,
  pbx: Partial<KamailioOptions>,
  story: (stage: Stage) => Promise<void>,
): Promise<void> {
  const directory = scratch('kamailio');
  const kamailio = await startKamailio({ directory, port: PBX, ...pbx });
  try {
    const phone = await PhoneProcess.start(join(directory, 'phone'), config);
    try {
      await story({ t, phone, directory });
    } finally {
      t.is(await phone.stop(), 0);
    }
  } finally {
    await kamailio.stop();
  }
}

function onStageWithSound(
  test: ExecutionContext,
  way: Way,
  story: (stage: Stage) => Promise<void>,
): Promise<void> {
  return bestOf(3, test, (t) => onStage(t, alice(way), {}, story));
}

for (const way of WAYS) {
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    withKamailio(`registers over ${way.transport} at ${way.address} with ${algorithm}`, (t) =>
      onStage(t, alice(way), { algorithm }, async ({ phone }) => {
        const account = (await phone.registered()).accounts[0];
        t.is(account?.transport, way.transport);
        t.is(account?.family, way.address === '[::1]' ? 'ipv6' : 'ipv4');
        t.true((account?.expires ?? 0) > 30);
      }),
    );
  }
}

withKamailio('a wrong password ends in a clear failure', (t) =>
  onStage(
    t,
    alice({ transport: 'udp', address: '127.0.0.1' }, { password: 'wr0ng' }),
    {},
    async ({ phone }) => {
      const failed = await until('the registration fails', async () => {
        const account = (await phone.status()).accounts[0];
        return account?.state === 'failed' ? account : undefined;
      });
      t.regex(failed.error ?? '', /password/i);
      t.false(phone.output.includes('wr0ng'));
    },
  ),
);

/** baresip as `bob`, registered at the same Kamailio over `way`, speaking 600 Hz. */
async function startBob(directory: string, { transport, address }: Way): Promise<Baresip> {
  const speaks = join(directory, '600.wav');
  writeToneWav(speaks, 600, 30);
  const bob = new Baresip({
    ...{ directory: join(directory, 'bob'), port: BARESIP, address, speaks },
    account:
      `<sip:bob@pbx.test;transport=${transport}>;auth_pass=s3cret;answermode=auto;audio_codecs=pcma;` +
      `outbound="sip:${address}:${PBX};transport=${transport};lr";regint=600`,
  });
  await bob.ready();
  await until(
    'baresip is registered',
    () => bob.output.includes('200 OK') || bob.output.includes('successfully registered'),
    5000,
    () => bob.output,
  );
  return bob;
}

/** Right frequency, right level, no gap over 40 ms in ten seconds. */
function isClean(t: ExecutionContext, file: string, hz: number, levelDb: number): void {
  const tone = toneIn(file, hz);
  const seen = `${file}: ${JSON.stringify(tone)}`;
  t.true(tone.seconds >= 9.5, seen);
  t.true(tone.longestGapMs <= 40, seen);
  t.true(Math.abs(tone.levelDb - levelDb) < 2, seen);
}

const TALK_MS = 10_500;
/** Level of our `tone:440` and of writeToneWav, dB of a full-scale sine. */
const OURS_DB = -12;
const BOBS_DB = -6;

for (const way of WAYS) {
  withBaresip(
    `calls baresip through Kamailio over ${way.transport} at ${way.address}, tones on both sides`,
    (test) =>
      onStageWithSound(test, way, async ({ t, phone, directory }) => {
        const bob = await startBob(directory, way);
        try {
          await phone.registered();
          t.is((await phone.verb('dial', 'sip:bob@pbx.test', '--wait')).code, 0, phone.output);
          await sleep(TALK_MS);
          await phone.verb('hangup');
          await phone.call('ended');
          isClean(t, phone.heard, 600, BOBS_DB);
          isClean(t, bob.heard(), 440, OURS_DB);
        } finally {
          await bob.stop();
        }
      }),
  );
}

for (const way of WAYS.slice(0, 2)) {
  withBaresip(
    `is called by baresip through Kamailio over ${way.transport} at ${way.address}, tones on both sides`,
    (test) =>
      onStageWithSound(test, way, async ({ t, phone, directory }) => {
        const bob = await startBob(directory, way);
        try {
          await phone.registered();
          await bob.dial('sip:alice@pbx.test');
          await phone.call('ringing');
          await phone.verb('answer');
          await phone.call('talking');
          await sleep(TALK_MS);
          await phone.verb('hangup');
          await phone.call('ended');
          isClean(t, phone.heard, 600, BOBS_DB);
          isClean(t, bob.heard(), 440, OURS_DB);
        } finally {
          await bob.stop();
        }
      }),
  );
}

withBaresip('keys pressed in a call arrive at baresip, each once', (t) =>
  onStage(t, alice({ transport: 'udp', address: '127.0.0.1' }), {}, async ({ phone, directory }) => {
    const bob = await startBob(directory, { transport: 'udp', address: '127.0.0.1' });
    try {
      await phone.registered();
      t.is((await phone.verb('dial', 'bob', '--wait')).code, 0, phone.output);
      await phone.verb('press', '15#');
      const ended = () => [...bob.output.matchAll(/received event: '(.)' \(end=1\)/g)].map(([, key]) => key);
      await until(
        'the last key arrives',
        () => ended().length >= 3,
        5000,
        () => bob.output,
      );
      await sleep(300);
      t.deepEqual(ended(), ['1', '5', '#']);
    } finally {
      await bob.stop();
    }
  }),
);
