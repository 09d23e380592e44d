/**
 * Child of run.ts: `node measure_start.ts firmware|node start|rss` prints ms from the start of the process to its
 * REGISTER at a registrar on loopback, or MB resident one second after the 200. `node` is the floor: Node alone,
 * sending one datagram.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMessage } from '../../firmware/sip/message/message.ts';
import { writeResponse } from '../../firmware/sip/message/write.ts';
import { ALONE } from '../support/alone.ts';
import { median } from './rate.ts';

const ROUNDS = 5;
/** ms after which a start has failed. */
const PATIENCE = 10_000;
const PROGRAM = new URL('../../dist/dualtone.js', import.meta.url).pathname;

const [who = '', what = ''] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'dualtone-bench-'));

/** A TCP port that is free now, and UDP's of the same number most likely too. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A configuration with one account at the registrar. */
function configure(registrar: number, sipPort: number): string {
  const file = join(directory, 'config.json');
  const account = { user: 'bench', domain: '127.0.0.1', port: registrar, transport: 'udp', password: 'x' };
  writeFileSync(
    file,
    JSON.stringify({
      schema: 'dualtone.config/1',
      ...ALONE,
      accounts: [account],
      net: { sipPort },
      audio: { input: 'silence', output: 'null' },
    }),
  );
  return file;
}

function start(registrar: number, sipPort: number, round: number): ChildProcess {
  const send = `const s=require('dgram').createSocket('udp4');s.send('REGISTER sip:x SIP/2.0\\r\\n\\r\\n',${registrar},'127.0.0.1');setTimeout(()=>{},1e5)`;
  const data = join(directory, `data${round}`);
  const args =
    who === 'node'
      ? ['-e', send]
      : [
          PROGRAM,
          'run',
          '--config',
          configure(registrar, sipPort),
          '--data',
          data,
          '--http',
          'off',
          '--log',
          'warn',
        ];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Answers every REGISTER by 200 and tells when the first came. */
function answer(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('message', (octets, from) => {
      const request = readMessage(octets);
      if (request?.method !== 'REGISTER') return;
      resolve(performance.now());
      const contact = `${request.first('contact') ?? '<sip:bench@127.0.0.1>'};expires=3600`;
      const ok = writeResponse(request, { status: 200, toTag: 'registrar', headers: [['Contact', contact]] });
      socket.send(ok.octets, from.port, from.address);
    });
  });
}

async function measure(round: number): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const registered = answer(socket);
  const sipPort = await freePort();
  const begin = performance.now();
  const child = start(socket.address().port, sipPort, round);
  const ended = once(child, 'exit');
  try {
    const late = sleep(PATIENCE, undefined, { ref: false });
    const at = await Promise.race([registered, late, ended.then(() => undefined)]);
    if (at === undefined) throw new Error(`${who} sent no REGISTER`);
    if (what === 'start') return at - begin;
    await sleep(1_000);
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } finally {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(killer);
    socket.close();
  }
}

const values: number[] = [];
try {
  for (let round = 0; round < ROUNDS; round += 1) values.push(await measure(round));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(JSON.stringify({ value: median(values) }));
