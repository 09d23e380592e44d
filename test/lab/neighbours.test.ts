/** Telephones on a LAN without any server, beside a real avahi. */
import { inLab } from './in_lab.ts';
import { neighbours } from './scenarios/neighbours.ts';

inLab(
  'avahi-daemon',
  'avahi-browse',
  'avahi-publish',
  'dbus-daemon',
  'sipp',
)(
  'telephones of one LAN find and call each other without any server, and strangers ring nobody',
  async (t) => {
    t.timeout(180_000);
    const findings = await neighbours(true);
    for (const { what, good, seen } of findings) {
      t.log(`${what}: ${seen}`);
      t.true(good, `${what}: ${seen}`);
    }
    t.true(findings.length >= 10);
  },
);
