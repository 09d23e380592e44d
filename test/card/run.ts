/** `npm run card-lab -- STORY…`: starts the card that was built in emulated machines and tells what came of it. */
import { existsSync } from 'node:fs';
import { missingForQemu } from '../../image/qemu/possible.ts';
import { IMAGE_FILE } from './stand.ts';

/** `say`: what happens meanwhile. What was found, a line each. @throws an Error for what should not be so */
export type Story = (say: (text: string) => void) => Promise<readonly string[]>;

interface Listed {
  readonly summary: string;
  readonly load: () => Promise<{ readonly story: Story }>;
}

const STORIES: Readonly<Record<string, Listed>> = {
  drop: {
    summary: 'drop files: good with a secret, malformed, of Yealink',
    load: () => import('./stories/drop.ts'),
  },
  update: {
    summary: 'a bundle is installed into the other slot, started and found good; others are refused',
    load: () => import('./stories/update.ts'),
  },
  fallback: {
    summary: 'a telephone that never serves is given three starts, then the slot before it is back',
    load: () => import('./stories/fallback.ts'),
  },
  call: {
    summary: 'registered at Kamailio, called by SIPp over IPv6; hook and sound card simulated by the kernel',
    load: () => import('./stories/call.ts'),
  },
  https: {
    summary:
      'a channel over HTTPS: other channel, older, stranger are left; newer is streamed, started, found good',
    load: () => import('./stories/https.ts'),
  },
  power: {
    summary: 'the power goes three times while the card is written; each time it starts again',
    load: () => import('./stories/power.ts'),
  },
  full: {
    summary: 'a card without room: the telephone calls, and says so',
    load: () => import('./stories/full.ts'),
  },
};

function usage(): string {
  const lines = Object.entries(STORIES).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return ['usage: npm run card-lab -- STORY…|all', ...lines].join('\n');
}

async function tell(name: string, { load }: Listed): Promise<boolean> {
  const begin = performance.now();
  const seconds = (): string => ((performance.now() - begin) / 1000).toFixed(0).padStart(4);
  console.log(`${name}:`);
  try {
    const { story } = await load();
    const findings = await story((text) => console.log(`${seconds()} s  ${text}`));
    for (const finding of findings) console.log(`  ✔ ${finding}`);
    return true;
  } catch (error) {
    console.log(`  ✖ ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

const asked = process.argv.slice(2);
const names = asked.includes('all') ? Object.keys(STORIES) : asked;
const missing = missingForQemu();
if (names.length === 0 || names.some((name) => STORIES[name] === undefined)) {
  console.error(usage());
  process.exitCode = 2;
} else if (missing.length > 0) {
  console.error(`an emulated machine is needed: apt-get install ${missing.join(' ')}`);
  process.exitCode = 1;
} else if (!existsSync(IMAGE_FILE)) {
  console.error(`${IMAGE_FILE} is not there: "npm run image" builds it`);
  process.exitCode = 1;
} else {
  for (const name of names) {
    const listed = STORIES[name];
    if (listed && !(await tell(name, listed))) process.exitCode = 1;
  }
}
