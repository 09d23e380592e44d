/** `npm run image:boot`: starts the card that was built in an emulated Raspberry Pi 3; exits 0 when the telephone answers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OUT } from '../build/places.ts';
import { Card } from './card.ts';
import { NO_WATCHDOG, raspberryPi } from './machine.ts';
import { missingForQemu } from './possible.ts';

/** s: an emulated machine takes twenty times as long as a real one, and a busy host longer. */
const PATIENCE = 300;
const READY = /dualtone is ready/;

async function boot(image: string): Promise<void> {
  const card = new Card(image);
  card.tellKernel(NO_WATCHDOG);
  const machine = raspberryPi(card, (line, seconds) =>
    console.log(`${seconds.toFixed(1).padStart(6)}  ${line}`),
  );
  try {
    await machine.line(READY, PATIENCE);
    console.log(`from power to telephone: ${machine.seconds.toFixed(1)} s, emulated`);
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
