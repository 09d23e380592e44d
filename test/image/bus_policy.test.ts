/** Who may ask RAUC for what: the policy of the card's system bus against what the telephone asks for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { CHECKOUT } from '../../image/build/places.ts';
import { DEVICE } from './staged.ts';

const POLICY = readFileSync(join(DEVICE, 'usr/share/dbus-1/system.d/de.pengutronix.rauc.conf'), 'utf8');
const ASKING = readFileSync(join(CHECKOUT, 'firmware/telephone/rauc.ts'), 'utf8');

const policies = [...POLICY.matchAll(/<policy ([^>]*)>(.*?)<\/policy>/gs)];

test('only root and the telephone may speak to RAUC; to be RAUC is for root alone', (t) => {
  t.deepEqual(
    policies.map(([, who]) => who),
    ['user="root"', 'user="dualtone"'],
  );
  const [, , telephone = ''] = policies[1] ?? [];
  t.notRegex(telephone, /own=|eavesdrop/);
});

test('the telephone may ask for what it asks for, and for nothing else', (t) => {
  const [, , telephone = ''] = policies[1] ?? [];
  const lines = telephone
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const allowed = lines.map((line) => {
    const rule =
      /^<allow send_destination="de\.pengutronix\.rauc" send_interface="([\w.]+)" send_member="(\w+)"\/>$/;
    const [, where = line, member = ''] = rule.exec(line) ?? [];
    return `${where} ${member}`;
  });
  const asked = [...ASKING.matchAll(/#call\(\s*'(\w+)'/g)].map(
    ([, member]) => `de.pengutronix.rauc.Installer ${member}`,
  );
  // busctl's get-property asks for one property after the other.
  if (ASKING.includes("'get-property'")) asked.push('org.freedesktop.DBus.Properties Get');
  t.true(asked.length > 3);
  t.deepEqual(allowed.toSorted(), [...new Set(asked)].toSorted());
});
