/**
 * Child of run.ts: `node measure_device.ts phone|adapter` prints what a person waits for, ms, at telephones in a guest:
 * medians, and the most of several runs. The kernel has to be built (`npm run device-lab`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Adapter } from '../device/adapter.ts';
import { accountAt, FarEnd } from '../device/far_end.ts';
import { builtKernel } from '../device/kernel.ts';
import {
  dialTonePitch,
  hookToDialTone,
  keyToScreen,
  ringTrip,
  type Waits,
  waitsOf,
} from '../device/latency.ts';
import { Telephone } from '../device/telephone.ts';
import { description, expect, receive, request, respond, scenario } from '../interop/scenarios/steps.ts';
import { median } from './rate.ts';

const LIMIT = 110_000;
/** Hz, of the Netherlands. */
const DIAL_TONE = 425;
const LIFTS = 12;
const KEYS = ['2', '7', '3', '9', '1', '4', '0', '8', '6', '5'] as const;
const RINGS = 6;
/** ms after its start in which a telephone gets ready. */
const READY = 4000;

const CALLING = scenario(
  request('INVITE', { sdp: description(), retransmit: true }),
  expect(100, { optional: true }),
  expect(180),
  expect(200, { routes: true }),
  request('ACK', { inDialog: true }),
  receive('BYE'),
  respond('200 OK', { inDialog: true }),
);

const figures: Record<string, number> = {};

function found(name: string, { median, most }: Waits): void {
  figures[name] = median;
  figures[`${name}-most`] = most;
}

async function repeated(times: number, measure: (n: number) => Promise<number>): Promise<readonly number[]> {
  const values: number[] = [];
  for (let n = 0; n < times; n += 1) values.push(await measure(n));
  console.error(values.map(Math.round).join(' '));
  return values;
}

async function phone(kernel: string): Promise<void> {
  const telephone = await Telephone.start({
    ...{ kernel, limit: LIMIT, board: 'desk-mcp-lcd', card: true, config: { country: 'NL' } },
  });
  try {
    await telephone.listen();
    await telephone.showing(/Dualtone/);
    await sleep(READY);
    figures['first-lift'] = await hookToDialTone(telephone);
    const off: number[] = [];
    const lifts = await repeated(LIFTS, async () => {
      const lift = await dialTonePitch(telephone, DIAL_TONE);
      off.push(lift.off);
      return lift.ms;
    });
    found('lift', waitsOf(lifts));
    figures.pitch = median(off);
    await telephone.hook('off');
    await telephone.showing(/Dial a number/);
    found('key', waitsOf(await repeated(KEYS.length, (n) => keyToScreen(telephone, KEYS[n] ?? '1'))));
  } finally {
    await telephone.puppet.guest.stop();
  }
}

async function adapter(kernel: string): Promise<void> {
  const ends: (() => unknown)[] = [];
  const far = await FarEnd.open({ teardown: (end) => void ends.push(end) });
  const config = { ...accountAt('US'), accounts: [] };
  const line = await Adapter.start({ kernel, limit: LIMIT, config, card: true, network: far.network });
  ends.push(() => line.phone.puppet.guest.stop());
  try {
    await line.phone.partIs('line-interface', 'ok');
    const caller = { scenario: CALLING, port: 5070, target: `[${FarEnd.guest}]:5060`, user: '204' };
    const trips = await repeated(RINGS, async () => {
      await line.watch();
      const peer = await far.sipp(caller);
      await line.burst(1);
      await sleep(300 + Math.random() * 1000);
      const lifted = await line.lift();
      await line.phone.showing(/Talking/);
      const trip = ringTrip(await line.watched(), lifted);
      await line.putDown();
      await peer.exit(10_000);
      return trip;
    });
    found('trip', waitsOf(trips));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const kernel = builtKernel();
if (kernel === undefined) throw new Error("the guest's kernel is not built: npm run device-lab");
await (process.argv[2] === 'adapter' ? adapter(kernel) : phone(kernel));
console.log(JSON.stringify(figures));
