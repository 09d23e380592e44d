/**
 * Child of run.ts: `node measure_media.ts firmware|baresip idle|flood [SECONDS]` makes a call in G.711 to an echo and prints
 * how far the intervals of its packets are from 20 ms (p50, p99, max), the CPU of a minute of call (cpu, ms; what lies
 * behind the end at the rate of the second half), and the memory registered (registered, MB) and at the end of
 * the call (rss, MB). `flood`: under 1000 OPTIONS a second.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pacingOf, watchArrivals } from './arrivals.ts';
import { cpuOf } from './cpu_of.ts';
import { Answerer } from './media_answerer.ts';
import { type MeasuredPhone, PHONES } from './media_phones.ts';
import { textOf } from './text_of.ts';

const FLOOD = 1000;
/** ms of the call before its packets count. */
const SETTLING = 1000;
const MINUTE = 60_000;

const [who = '', how = 'idle', seconds = '20'] = process.argv.slice(2);

/** MB. */
function residentOf(id: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1024;
}

function child(script: string, ...args: unknown[]) {
  const path = new URL(script, import.meta.url).pathname;
  return spawn(process.execPath, [path, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Ends the echo and gives the times that it noted. */
async function timesOf(echo: ChildProcess, rest: Promise<string>): Promise<readonly number[]> {
  echo.kill('SIGTERM');
  return JSON.parse((await rest).trim()) as number[];
}

async function call(phone: MeasuredPhone, answerer: Answerer, echoPort: number) {
  const registered = residentOf(phone.id);
  const atDial = cpuOf(phone.id);
  await phone.dial(`sip:echo@127.0.0.1:${answerer.port}`);
  await answerer.established;
  await sleep(SETTLING);
  const flood = how === 'flood' ? child('media_flood.ts', phone.sipPort, FLOOD) : undefined;
  const arrivals = await watchArrivals(echoPort);
  const half = Number(seconds) * 500;
  await sleep(half);
  const atHalf = cpuOf(phone.id);
  await sleep(half);
  const atEnd = cpuOf(phone.id);
  const times = await arrivals.stop();
  flood?.kill();
  const rest = MINUTE - SETTLING - 2 * half;
  const cpu = atEnd - atDial + ((atEnd - atHalf) / half) * rest;
  const rss = residentOf(phone.id);
  await phone.hangUp();
  await answerer.ended;
  return { times, clock: arrivals.clock, cpu, registered, rss };
}

async function measure(start: (directory: string, server: number) => Promise<MeasuredPhone>) {
  const directory = mkdtempSync(join(tmpdir(), 'dualtone-bench-'));
  const echo = child('media_echo.ts');
  let phone: MeasuredPhone | undefined;
  let answerer: Answerer | undefined;
  try {
    const [port] = await once(echo.stdout, 'data');
    const rest = textOf(echo.stdout);
    answerer = await Answerer.listen(Number(port));
    phone = await start(directory, answerer.port);
    const { times, clock, ...figures } = await call(phone, answerer, Number(port));
    const noted = await timesOf(echo, rest);
    return { ...pacingOf(clock === 'kernel' ? times : noted), clock, ...figures };
  } finally {
    echo.kill('SIGKILL');
    await phone?.stop();
    answerer?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const start = PHONES[who];
if (start === undefined) throw new Error(`no such telephone: ${who}`);
console.log(JSON.stringify(await measure(start)));
