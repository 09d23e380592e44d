/** A telephone out of its box becomes one that rings and calls, and stays one. */
import { inLab } from './in_lab.ts';
import { GOAL, PARTS, type Part, zeroConfig } from './scenarios/zero_config.ts';

const TITLES: Readonly<Record<Part, string>> = {
  lans: 'out of its box a telephone has its account and a call on IPv4-only, dual and IPv6-only LANs',
  paths: 'a telephone finds its configuration by one path alone',
  trust:
    'a telephone keeps to its own server, to what was good, and to its neighbours when all servers are dead',
};

/** Other tests run at the same time: `npm run lab -- zero-config` has the goal as it is. */
const SHARED = 2;
/** Of everything, so many findings at least. */
const LEAST: Readonly<Record<Part, number>> = { lans: 3, paths: 5, trust: 8 };

for (const part of PARTS) {
  inLab(
    'dnsmasq',
    'dhcpcd',
    'nginx',
    'kamailio',
  )(TITLES[part], async (t) => {
    t.timeout(110_000);
    const findings = await zeroConfig([part], { short: true, goal: SHARED * GOAL });
    for (const { what, good, seen } of findings) {
      t.log(`${what}: ${seen}`);
      t.true(good, `${what}: ${seen}`);
    }
    t.true(findings.length >= LEAST[part]);
  });
}
