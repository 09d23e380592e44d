/** Parts of a desk telephone that are unplugged during a call: the call goes on, and each part comes back by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { description, receive, registrar, respond } from '../interop/scenarios/steps.ts';
import { sine } from '../support/goertzel.ts';
import { accountAt, FarEnd } from './far_end.ts';
import { RATE } from './inside/sound.ts';
import { builtKernel } from './kernel.ts';
import { LABEL, type Profile, Telephone } from './telephone.ts';

const LIMIT = 110_000;
const kernel = builtKernel();
const CARD = '/sys/bus/platform/drivers/snd_aloop';
const SPOKEN = 1000;

const CALLED = registrar(
  receive('INVITE'),
  respond('200 OK', { sdp: description(), retransmit: true }),
  receive('ACK'),
  receive('BYE'),
  respond('200 OK', { inDialog: true }),
);

interface Fault {
  readonly what: string;
  /** That are told as failed. */
  readonly parts: readonly string[];
  readonly begin: (phone: Telephone) => Promise<unknown>;
  readonly end: (phone: Telephone) => Promise<unknown>;
}

const FAULTS: readonly Fault[] = [
  {
    what: 'the expander of keys does not answer',
    parts: ['keypad-mcp23017'],
    begin: ({ puppet }) => puppet.does('unplug', 'mcp23017'),
    end: ({ puppet }) => puppet.does('plug', 'mcp23017'),
  },
  {
    what: 'the display does not answer',
    parts: ['display-hd44780'],
    begin: ({ puppet }) => puppet.does('unplug', 'hd44780'),
    end: ({ puppet }) => puppet.does('plug', 'hd44780'),
  },
  {
    what: 'the bus hangs',
    parts: ['display-hd44780'],
    begin: ({ puppet }) => puppet.does('setBus', 'hang'),
    end: ({ puppet }) => puppet.does('setBus', 'free'),
  },
  {
    what: 'the GPIO chip is unbound',
    parts: ['hook', 'encoder', 'keypad-mcp23017', 'lamps'],
    begin: ({ puppet }) => puppet.does('unplugChip', LABEL),
    end: async (phone) => {
      await phone.puppet.does('plugChip', LABEL);
      await phone.wire('off');
    },
  },
];

async function passes(
  t: ExecutionContext,
  phone: Telephone,
  { what, parts, begin, end }: Fault,
): Promise<void> {
  await begin(phone);
  for (const part of parts) t.log(`${what}: ${(await phone.partIs(part, 'failed')).note}`);
  t.is((await phone.call('talking')).state, 'talking');
  await end(phone);
  for (const part of parts) await phone.partIs(part, 'ok', 30_000);
  t.is((await phone.call('talking')).state, 'talking', what);
}

/** Whether what is said comes back from the far end. */
async function isHeard(phone: Telephone): Promise<number> {
  const hush = await phone.say(sine(SPOKEN, 5000, 8000, RATE));
  await sleep(3000);
  const now = await phone.puppet.does('now');
  await hush();
  return (await phone.heard()).strongest(SPOKEN, now - 1000, now);
}

/** A simulated line goes where its bias pulls it, whoever holds it: with a resistor of its own the hook stays where it is. */
function withoutBias(board: Profile): Profile {
  return {
    ...board,
    parts: board.parts.map((part) => (part.kind === 'hook' ? { ...part, bias: 'off' } : part)),
  };
}

const TITLE = 'parts that are unplugged during a call come back, and the call goes on';
if (kernel === undefined) {
  test.skip(`${TITLE} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
} else {
  test(TITLE, async (t) => {
    t.timeout(LIMIT + 10_000);
    const far = await FarEnd.open(t);
    // More calls than are made: it has to be there for as long as the telephone looks whether its registrar is.
    const server = await far.sipp({
      scenario: CALLED,
      port: 5060,
      calls: 100,
      echo: true,
      limit: LIMIT / 1000,
    });
    const config = accountAt('NL');
    const network = far.network;
    const phone = await Telephone.start({
      kernel,
      limit: LIMIT,
      board: 'desk-mcp-lcd',
      config,
      card: true,
      network,
      change: withoutBias,
    });
    t.teardown(() => phone.puppet.guest.stop());
    await phone.showing(/Registered/);
    await phone.hook('off');
    for (const key of ['2', '7', '2', '#']) await phone.press(key);
    await phone.showing(/Talking/);
    for (const fault of FAULTS) await passes(t, phone, fault);
    const { puppet } = phone;
    await puppet.does('shell', `ls ${CARD}; echo snd_aloop.0 >${CARD}/unbind`);
    t.log(
      'without a card:',
      JSON.stringify((await phone.status()).hardware.filter(({ state }) => state !== 'ok')),
    );
    t.is((await phone.call('talking')).state, 'talking');
    await puppet.does('shell', `echo snd_aloop.0 >${CARD}/bind`);
    await sleep(3000);
    await phone.listen();
    const echoes: number[] = [];
    // The card is looked for ever more rarely, and a stream that begins anew finds its rate first.
    while (echoes.length < 4 && !(Math.abs((echoes.at(-1) ?? 0) + 9.3) < 3))
      echoes.push(await isHeard(phone));
    t.log('what is said comes back, dBm0:', echoes.map((echo) => echo.toFixed(1)).join(', '));
    t.true(Math.abs((echoes.at(-1) ?? 0) + 9.3) < 3);
    await phone.hook('on');
    t.is((await phone.call('ended')).cause, 'We hung up', server.output);
    await phone.showing(/Registered/);
    t.is(await phone.end(), 0);
  });
}
