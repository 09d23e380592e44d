/**
 * Child of run.ts: what the direct path of the built package socket6bed4 costs more than node:dgram, with 172 octets
 * between two processes on loopback; blocks of both take turns, so that whatever else the machine does is in both.
 * Prints CPU a packet (µs) to send and to receive it, loss (%) and round-trip times (µs), for both and what ours adds.
 */
import { Server } from '../../firmware/router6bed4/server.ts';
import { settingsOf } from '../../firmware/router6bed4/settings.ts';
import { median } from './rate.ts';
import { Path, type Streamed } from './sixbed4_path.ts';

/** Nobody else's, and not the port of routers, which another program of this host may have. */
const ROUTER = '127.66.4.1:25791';
const WARM_UP = { pings: 3000, packets: 20_000 };
const PINGS = { blocks: 10, each: 400 };
const STREAMS = { blocks: 6, each: 2000 };
/** Packets a second. */
const SLOW = 2000;
const FAST = 10_000;

type Both = readonly [ours: Path, plain: Path];

/** By turns; all results of either. */
async function takingTurns<T>(
  paths: Both,
  blocks: number,
  act: (path: Path) => Promise<T>,
): Promise<[T[], T[]]> {
  const results: [T[], T[]] = [[], []];
  for (let i = 0; i < blocks; i += 1) {
    results[0].push(await act(paths[0]));
    results[1].push(await act(paths[1]));
  }
  return results;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
}

type Figures = Readonly<Record<string, number>>;

/** `name` as it is with ours, `name-plain`, and what ours adds: `name-added`. */
function figures(name: string, ours: number, plain: number): Figures {
  return { [name]: ours, [`${name}-plain`]: plain, [`${name}-added`]: ours - plain };
}

async function cpu(paths: Both): Promise<Figures> {
  const { blocks, each } = STREAMS;
  const [ours, plain] = await takingTurns(paths, blocks, (path) => path.stream(SLOW, each));
  const of = (way: 'sending' | 'receiving', streams: readonly Streamed[]) =>
    median(streams.map((stream) => stream[way]));
  return {
    ...figures('sending', of('sending', ours), of('sending', plain)),
    ...figures('receiving', of('receiving', ours), of('receiving', plain)),
    ...figures('loss-slow', lossOf(ours), lossOf(plain)),
  };
}

async function flood(paths: Both): Promise<Figures> {
  const [ours, plain] = await takingTurns(paths, 2, (path) => path.stream(FAST, 2 * FAST));
  return figures('loss-fast', lossOf(ours), lossOf(plain));
}

/** Of streams of one length. */
const lossOf = (streams: readonly Streamed[]) =>
  streams.reduce((sum, { loss }) => sum + loss, 0) / streams.length;

async function roundTrips(paths: Both): Promise<Figures> {
  const { blocks, each } = PINGS;
  const [ours, plain] = await takingTurns(paths, blocks, (path) => path.ping(each));
  return {
    ...figures('p50', percentile(ours.flat(), 0.5), percentile(plain.flat(), 0.5)),
    ...figures('p95', percentile(ours.flat(), 0.95), percentile(plain.flat(), 0.95)),
  };
}

async function compare(paths: Both): Promise<Figures> {
  const [ours] = paths;
  await ours.straighten();
  await takingTurns(paths, 1, (path) => path.ping(WARM_UP.pings));
  // The sudden silence of the far end makes the near one doubt the direct path, once.
  await takingTurns(paths, 1, (path) => path.stream(FAST, WARM_UP.packets));
  const relayed = await ours.relayed();
  const measured = { ...(await cpu(paths)), ...(await flood(paths)), ...(await roundTrips(paths)) };
  if ((await ours.relayed()) > relayed) throw new Error('the path was not direct all the time');
  return measured;
}

const router = await Server.start(settingsOf({ listen: ROUTER, onLink: ['127.0.0.0/8'] }, []));
const ours = await Path.open('sixbed4', ROUTER);
const plain = await Path.open('plain');
try {
  console.log(JSON.stringify(await compare([ours, plain])));
} finally {
  ours.close();
  plain.close();
  router.close();
}
