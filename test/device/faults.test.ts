/** Parts that are unplugged during a call: the call goes on, each is told, and comes back by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { description, receive, registrar, respond } from '../interop/scenarios/steps.ts';
import { sine } from '../support/goertzel.ts';
import { accountAt, FarEnd } from './far_end.ts';
import type { LabDevice } from './inside/laboratory.ts';
import { RATE } from './inside/sound.ts';
import { builtKernel } from './kernel.ts';
import { LABEL, type Profile, Telephone, type TelephoneOptions } from './telephone.ts';

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

const unplugged = (what: string, part: string, device: LabDevice): Fault => ({
  what,
  parts: [part],
  begin: ({ puppet }) => puppet.does('unplug', device),
  end: ({ puppet }) => puppet.does('plug', device),
});

const hanging = (...parts: readonly string[]): Fault => ({
  what: 'the bus hangs',
  parts,
  begin: ({ puppet }) => puppet.does('setBus', 'hang'),
  end: ({ puppet }) => puppet.does('setBus', 'free'),
});

const withoutChip = (...parts: readonly string[]): Fault => ({
  what: 'the GPIO chip is unbound',
  parts,
  begin: ({ puppet }) => puppet.does('unplugChip', LABEL),
  end: async (phone) => {
    await phone.puppet.does('plugChip', LABEL);
    await phone.wire('off');
  },
});

interface Trial extends Pick<TelephoneOptions, 'board' | 'pwm' | 'card'> {
  readonly title: string;
  readonly faults: readonly Fault[];
  /** In the call, after the faults. */
  readonly further?: (t: ExecutionContext, phone: Telephone) => Promise<void>;
}

const TRIALS: readonly Trial[] = [
  {
    title: 'keys, character display, bell, lamps and sound card of a desk telephone',
    board: 'desk-mcp-lcd',
    card: true,
    // So that a line is toggled for the bell, which leaves with its chip.
    pwm: 'other.pwm',
    faults: [
      unplugged('the expander of keys does not answer', 'keypad-mcp23017', 'mcp23017'),
      unplugged('the display does not answer', 'display-hd44780', 'hd44780'),
      hanging('display-hd44780'),
      withoutChip('hook', 'encoder', 'keypad-mcp23017', 'lamps', 'bell'),
    ],
    further: losesItsCard,
  },
  {
    title: 'the graphic display of a desk telephone',
    board: 'desk-matrix-oled',
    faults: [
      unplugged('the display does not answer', 'display-ssd1306', 'ssd1306'),
      hanging('display-ssd1306'),
    ],
  },
  {
    title: "the lines of an adapter's module",
    board: 'ata-slic',
    faults: [withoutChip('line-interface')],
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
  await phone.showing(/Talking/);
}

async function losesItsCard(t: ExecutionContext, phone: Telephone): Promise<void> {
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
  while (echoes.length < 4 && !(Math.abs((echoes.at(-1) ?? 0) + 9.3) < 3)) echoes.push(await isHeard(phone));
  t.log('what is said comes back, dBm0:', echoes.map((echo) => echo.toFixed(1)).join(', '));
  t.true(Math.abs((echoes.at(-1) ?? 0) + 9.3) < 3);
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
  const parts = board.parts.map((part) => {
    if (part.kind === 'hook') return { ...part, bias: 'off' };
    return part.shk === undefined ? part : { ...part, shk: { ...part.shk, bias: 'off' } };
  });
  return { ...board, parts };
}

for (const { title: what, faults, further, ...options } of TRIALS) {
  const title = `unplugged during a call and back by themselves, while it goes on: ${what}`;
  if (kernel === undefined) {
    test.skip(`${title} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
    continue;
  }
  test.serial(title, async (t) => {
    t.timeout(LIMIT + 10_000);
    const far = await FarEnd.open(t);
    // More calls than are made: it has to be there for as long as the telephone looks whether its registrar is.
    const calls = { port: 5060, calls: 100, echo: true, limit: LIMIT / 1000 };
    const server = await far.sipp({ scenario: CALLED, ...calls });
    const network = far.network;
    const config = accountAt('NL');
    const phone = await Telephone.start({
      ...{ kernel, limit: LIMIT, config, network, change: withoutBias },
      ...options,
    });
    t.teardown(() => phone.puppet.guest.stop());
    await phone.showing(/Registered/);
    await phone.hook('off');
    await phone.showing(/Dial/);
    await phone.verb('dial', '272');
    await phone.showing(/Talking/);
    for (const fault of faults) await passes(t, phone, fault);
    await further?.(t, phone);
    await phone.hook('on');
    t.is((await phone.call('ended')).cause, 'We hung up', server.output);
    await phone.showing(/Registered/);
    t.is(await phone.end(), 0);
  });
}
