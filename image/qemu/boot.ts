/**
 * `npm run image:boot`: starts the card that was built in an emulated Raspberry Pi 3, and says how long that took and what memory
 * is in use. Exits 0 when the telephone answers, and is not too large.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OUT } from '../build/places.ts';
import { Card } from './card.ts';
import { extraService, PATIENT } from './credentials.ts';
import { NO_WATCHDOG, raspberryPi } from './machine.ts';
import { missingForQemu } from './possible.ts';

/** s: an emulated machine takes twenty times as long as a real one, and a busy host longer. */
const PATIENCE = 600;
const READY = /dualtone is ready after (\d+) s/;
/** s after which a telephone that nobody uses has found its rest, and that it may take until it says so. */
const REST = 30;
const MEMORY = /MemTotal: +(\d+) kB.*MemAvailable: +(\d+) kB/;
/** MB that may be in use: the smallest of the boards has 512 of which its GPU has a share. */
const MOST_MEMORY = 200;
/** Says it when the telephone has been there for a while. */
const UNIT = `[Unit]
After=dualtone.service
[Service]
ExecStart=/bin/sh -c 'sleep ${REST}; echo $$(grep -E "^Mem(Total|Available):" /proc/meminfo) >/dev/console'
`;
const EXTRA = [NO_WATCHDOG, PATIENT, ...extraService('memory', UNIT)].join(' ');

async function boot(image: string): Promise<void> {
  const card = new Card(image);
  card.tellKernel(EXTRA);
  const machine = raspberryPi(card, (line, seconds) =>
    console.log(`${seconds.toFixed(1).padStart(6)}  ${line}`),
  );
  try {
    const [, after = ''] = READY.exec(await machine.line(READY, PATIENCE)) ?? [];
    const power = machine.seconds;
    const [, total = '', available = ''] = MEMORY.exec(await machine.line(MEMORY, PATIENCE)) ?? [];
    const used = Math.round(((Number(total) - Number(available)) * 1024) / 1e6);
    console.log(`emulated, on this host and with what else it does; a real Pi is many times as fast:
from power to telephone: ${power.toFixed(1)} s
kernel start to dial tone: ${after} s
RAM used at idle: ${used} MB of ${Math.round((Number(total) * 1024) / 1e6)} MB`);
    if (used > MOST_MEMORY)
      throw new Error(`${used} MB of RAM are used at idle, more than ${MOST_MEMORY} MB`);
  } finally {
    await machine.cut();
    card.remove();
  }
}

const image = process.argv[2] ?? join(OUT, 'dualtone.img');
const missing = missingForQemu();
try {
  if (missing.length > 0)
    throw new Error(`an emulated machine is needed: apt-get install ${missing.join(' ')}`);
  if (!existsSync(image)) throw new Error(`${image} is not there: "npm run image" builds it`);
  await boot(image);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
