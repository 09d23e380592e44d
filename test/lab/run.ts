/**
 * `npm run lab -- SCENARIO [--option value …]`: builds hosts in network namespaces, lets telephones meet outages, and
 * prints what came of it. Needs root.
 */
import { noLabBecause } from './possible.ts';

interface Scenario {
  readonly summary: string;
  /** Beyond those of every laboratory. */
  readonly tools?: Parameters<typeof noLabBecause>[0];
  readonly load: () => Promise<{ report(options: ReadonlyMap<string, string>): Promise<string> }>;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  failover: {
    summary:
      'what an outage costs, ours beside baresip [--limit S] [--only TEXT] [--who us|baresip] [--deaf yes]',
    load: () => import('./scenarios/failover_report.ts'),
  },
  matrix: {
    summary: 'who reaches whom: IPv4 only, IPv6 only, dual; direct and by Kamailio [--talk S] [--way W]',
    tools: ['rtpengine'],
    load: () => import('./scenarios/matrix_report.ts'),
  },
  'sdp-families': {
    summary: 'the family of answers to offers of every family, ours beside baresip',
    load: () => import('./scenarios/sdp_families_report.ts'),
  },
  teredo: {
    summary: 'every rule about 2001:0::/32, with such addresses on both sides',
    load: () => import('./scenarios/teredo_report.ts'),
  },
  convergence: {
    summary: 'one family slower than the other: what the weight of the families becomes [--further N]',
    load: () => import('./scenarios/convergence_report.ts'),
  },
  roaming: {
    summary: 'addresses, name servers, interfaces and families come and go [--only TEXT]',
    load: () => import('./scenarios/roaming_report.ts'),
  },
  sixbed4: {
    summary:
      'peers and routers of 6bed4 behind NATs of every kind, and strangers [--only TEXT] [--short yes]',
    tools: ['ping'],
    load: () => import('./scenarios/sixbed4_report.ts'),
  },
  neighbours: {
    summary:
      'no server at all: three telephones on one LAN that wish the same number, avahi, Blink, a stranger [--short yes]',
    tools: ['avahi-daemon', 'avahi-browse', 'avahi-publish', 'dbus-daemon'],
    load: () => import('./scenarios/neighbours_report.ts'),
  },
  'zero-config': {
    summary:
      'telephones out of their boxes, with every path to a configuration alone [--only TEXT] [--short yes]',
    tools: ['dnsmasq', 'dhcpcd'],
    load: () => import('./scenarios/zero_config_report.ts'),
  },
  'sixbed4-phones': {
    summary: 'telephones on IPv4 call each other by IPv6 through NATs [--only TEXT] [--talk S]',
    load: () => import('./scenarios/sixbed4_phones_report.ts'),
  },
};

function usage(): string {
  const lines = Object.entries(SCENARIOS).map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`);
  return ['usage: npm run lab -- SCENARIO [--option value …]', ...lines].join('\n');
}

/** `--option value`, in pairs. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.flatMap((word, at) => (word.startsWith('--') ? [[word.slice(2), words[at + 1] ?? '']] : [])),
  );
}

const [name = '', ...words] = process.argv.slice(2);
const scenario = SCENARIOS[name];
const obstacle = noLabBecause(scenario?.tools);
if (!scenario || obstacle !== undefined) {
  console.error(scenario ? `no laboratory here: ${obstacle}` : usage());
  process.exit(2);
}
// The laboratory clears up when the process exits, not when it is killed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
console.log(await (await scenario.load()).report(optionsOf(words)));
