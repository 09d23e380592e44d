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
import { accountAt, FarEnd } from './far_end.ts';
import { RATE } from './inside/sound.ts';
import { builtKernel } from './kernel.ts';
import { hookToDialTone, keyToScreen } from './latency.ts';
import { LABEL, Telephone, type TelephoneOptions } from './telephone.ts';

const LIMIT = 110_000;
/** Hz. */
const SPOKEN = 1000;
const NUMBER = ['2', '7', '2', '#'] as const;
/** Of both profiles: on while the telephone is registered. */
const STATUS_LAMP = 23;
/** s of dial tone that are listened to at most: the telephone tires of it after 15. */
const DIAL_TONE = 9;
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
    t.log('hook edge to dial tone, ms:', talking.dialTone, Math.round(await hookToDialTone(phone)));
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
  await sounds(t, phone, dialTone, elsewhere);
  const [first, ...others] = NUMBER;
  t.log('key edge to screen, ms:', Math.round(await keyToScreen(phone, first)));
  for (const key of others) await phone.press(key);
  t.log(await phone.showing(/^Ringing\s+272@/));
  const from = await phone.puppet.does('now');
  await phone.showing(/Talking/);
  await comesAndGoes(t, phone, ringback, from);
  const { signalling, media } = await phone.call('talking');
  t.deepEqual([signalling?.family, media?.family], ['ipv6', 'ipv6']);
  return { dialTone: Math.round(began - lifted) };
}

/**
 * In one second of the next few each of `hz` has the level of a call progress tone, and elsewhere is nothing. Not in each: a
 * busy machine makes gaps.
 */
async function sounds(
  t: ExecutionContext,
  phone: Telephone,
  hz: readonly number[],
  elsewhere: readonly number[],
): Promise<void> {
  const all: string[] = [];
  for (let second = 0; second < DIAL_TONE; second++) {
    await sleep(1050);
    const now = await phone.puppet.does('now');
    const heard = await phone.heard();
    const [own, others] = [hz, elsewhere].map((each) => heard.levels(each, now - 1050, now - 50));
    all.push(`${hz.join('+')} Hz: ${own?.join()}; ${elsewhere.join()} Hz: ${others?.join()} dBm0`);
    const isRight = own?.every((level) => level > -20 && level < -8);
    if (isRight && others?.every((level) => level < -40)) {
      t.log('dial tone,', all.at(-1));
      return;
    }
  }
  t.fail(all.join('\n'));
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
