/** The story of a desk telephone's calls, the same for each of its kinds: it calls SIPp, and SIPp calls it. */
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  description,
  expect,
  pause,
  receive,
  registrar,
  request,
  respond,
  scenario,
} from '../interop/scenarios/steps.ts';
import { sine } from '../support/goertzel.ts';
import { FarEnd } from './far_end.ts';
import { RATE } from './inside/sound.ts';
import { builtKernel } from './kernel.ts';
import { LABEL, Telephone, type TelephoneOptions } from './telephone.ts';

const LIMIT = 110_000;
/** Hz. */
const SPOKEN = 1000;
const NUMBER = ['2', '7', '2', '#'] as const;
/** Of both profiles: on while the telephone is registered. */
const STATUS_LAMP = 23;
/** ms until a sound that has just begun has the speed that it keeps. */
const SETTLING = 2600;
/** ms until SIPp answers. */
const RINGBACK = 5000;

export interface CallStory extends Pick<TelephoneOptions, 'board' | 'onoff' | 'change'> {
  readonly title: string;
  readonly country: string;
  /** Hz that sound together, and such that belong to other countries. */
  readonly dialTone: readonly number[];
  readonly ringback: readonly number[];
  readonly elsewhere: readonly number[];
  /** ms that it is left ringing. */
  readonly ringing: number;
  /** Before it rings. */
  readonly beforeRing?: (phone: Telephone) => Promise<unknown>;
  /** After it has rung since `from`, and been answered at `answered`, ms of the guest's clock. */
  readonly rang: (t: ExecutionContext, phone: Telephone, from: number, answered: number) => Promise<void>;
  /** While it is off the hook. */
  readonly offHook?: (t: ExecutionContext, phone: Telephone) => Promise<void>;
}

const CALLED = registrar(
  receive('INVITE'),
  respond('180 Ringing'),
  pause(RINGBACK),
  respond('200 OK', { sdp: description(), retransmit: true }),
  receive('ACK'),
  receive('BYE'),
  respond('200 OK', { inDialog: true }),
);
const CALLING = scenario(
  request('INVITE', { sdp: description(), retransmit: true }),
  expect(100, { optional: true }),
  expect(180),
  expect(200, { routes: true }),
  request('ACK', { inDialog: true }),
  receive('BYE'),
  respond('200 OK', { inDialog: true }),
);

/** Of a telephone with an account at the far end, whom everybody may call. */
export function accountAt(country: string): Readonly<Record<string, unknown>> {
  const account = { user: '204', domain: FarEnd.address, transport: 'udp', srtp: 'off', codecs: ['pcma'] };
  return { country, accounts: [account], security: { acceptFrom: 'anyone' } };
}

export function tellCalls(story: CallStory): void {
  const kernel = builtKernel();
  if (kernel === undefined) {
    test.skip(`${story.title} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
    return;
  }
  test(story.title, async (t) => {
    t.timeout(LIMIT + 10_000);
    const far = await FarEnd.open(t);
    // A registration, and a call.
    const server = await far.sipp({ scenario: CALLED, port: 5060, echo: true, calls: 2 });
    const phone = await Telephone.start({
      ...story,
      ...{ kernel, limit: LIMIT, card: true, network: far.network },
      config: accountAt(story.country),
    });
    t.teardown(() => phone.puppet.guest.stop());
    await phone.listen();
    t.log(await phone.showing(/Registered +IPv6/));
    t.is(await phone.puppet.does('level', LABEL, STATUS_LAMP), 1);
    const talking = await calls(t, phone, story);
    await talks(t, phone);
    t.is(await server.exit(5000), 0, server.output);
    await far.sipp({ scenario: CALLED, port: 5060, calls: 100 });
    await isCalled(t, phone, story, far);
    t.log('hook edge to dial tone, ms:', talking.dialTone, await secondDialTone(phone));
    t.is(await phone.end(), 0);
  });
}

async function calls(
  t: ExecutionContext,
  phone: Telephone,
  { dialTone, ringback, elsewhere, offHook }: CallStory,
): Promise<{ readonly dialTone: number }> {
  const lifted = await phone.hook('off');
  await phone.showing(/Dial a number/);
  const began = await phone.soundSince(lifted);
  await offHook?.(t, phone);
  await sleep(SETTLING + 1200);
  await sounds(t, phone, { hz: dialTone, elsewhere, from: began + SETTLING, ms: 1000 });
  for (const key of NUMBER) await phone.press(key);
  t.log(await phone.showing(/^Ringing\s+272@/));
  const from = await phone.puppet.does('now');
  await phone.showing(/Talking/);
  await comesAndGoes(t, phone, ringback, from);
  const { signalling, media } = await phone.call('talking');
  t.deepEqual([signalling?.family, media?.family], ['ipv6', 'ipv6']);
  return { dialTone: Math.round(began - lifted) };
}

/** Each of `hz` at the level of a call progress tone, and nothing elsewhere. */
async function sounds(
  t: ExecutionContext,
  phone: Telephone,
  tone: { hz: readonly number[]; elsewhere: readonly number[]; from: number; ms: number },
): Promise<void> {
  const { hz, elsewhere, from, ms } = tone;
  const heard = await phone.heard();
  const picture = heard.picture(from, from + ms);
  const levels = (of: readonly number[]) => heard.levels(of, from, from + ms);
  t.log('dial tone, dBm0:', hz.join('+'), levels(hz), elsewhere.join(), levels(elsewhere));
  t.true(
    levels(hz).every((level) => level > -20 && level < -8),
    `${hz}: ${levels(hz)} ${picture}`,
  );
  t.true(
    levels(elsewhere).every((level) => level < -40),
    `${elsewhere}: ${levels(elsewhere)} ${picture}`,
  );
}

/** A ringback: somewhere its frequencies, and elsewhere silence. */
async function comesAndGoes(
  t: ExecutionContext,
  phone: Telephone,
  hz: readonly number[],
  from: number,
): Promise<void> {
  const heard = await phone.heard();
  const picture = heard.picture(from, from + RINGBACK - 500);
  t.regex(picture, /#_/, picture);
  const loudest = hz.map((each) => heard.strongest(each, from, from + RINGBACK - 500));
  t.log('ringback, dBm0:', hz.join('+'), loudest, picture);
  t.true(
    loudest.every((level) => level > -26 && level < -12),
    `${loudest}`,
  );
}

/** What is said comes back from the far end. */
async function talks(t: ExecutionContext, phone: Telephone): Promise<void> {
  const hush = await phone.say(sine(SPOKEN, 8000, 8000, RATE));
  await sleep(3000);
  const end = await phone.puppet.does('now');
  const echo = (await phone.heard()).strongest(SPOKEN, end - 1000, end);
  t.log('said with -9.3 dBm0, heard from the far end with', echo);
  // One's own voice by the side tone would be 24 dB weaker.
  t.true(Math.abs(echo + 9.3) < 3, `${echo} ${(await phone.heard()).picture(end - 1100, end)}`);
  await hush();
  await phone.hook('on');
  await phone.showing(/Registered/);
}

async function isCalled(t: ExecutionContext, phone: Telephone, story: CallStory, far: FarEnd): Promise<void> {
  await story.beforeRing?.(phone);
  const from = await phone.puppet.does('now');
  const target = { target: `[${FarEnd.guest}]:5060`, user: '204' };
  const caller = await far.sipp({ scenario: CALLING, port: 5070, ...target, echo: true });
  t.log(await phone.showing(/Incoming call\s+SIPp/));
  await sleep(story.ringing);
  const answered = await phone.hook('off');
  await phone.showing(/Talking/);
  await story.rang(t, phone, from, answered);
  await phone.hook('on');
  await phone.showing(/Registered/);
  t.is(await caller.exit(5000), 0, caller.output);
}

/** ms from hook edge to dial tone where the sound card was in use a moment ago. */
async function secondDialTone(phone: Telephone): Promise<number> {
  const lifted = await phone.hook('off');
  const ms = (await phone.soundSince(lifted)) - lifted;
  await phone.hook('on');
  return Math.round(ms);
}
