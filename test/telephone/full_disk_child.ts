/**
 * A telephone that starts where its data directory, a small file system of its own, has no room left. Prints what it says of itself,
 * and what becomes of it when room is made and taken; a line of JSON each.
 *
 *     node full_disk_child.ts DIRECTORY
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contactToken } from '#agent/contact_token.ts';
import { DiskSpace } from '../../firmware/telephone/disk_space.ts';
import { Journal } from '../../firmware/telephone/log.ts';
import { RunningTelephone } from '../../firmware/telephone/running.ts';
import { ALONE } from '../support/alone.ts';

const [directory = ''] = process.argv.slice(2);
const data = join(directory, 'data');
const config = join(directory, 'config.json');
const filling = join(directory, 'filling');
const say = (what: object) => console.log(JSON.stringify(what));

/** To the last octet. */
function fill(): void {
  for (let octets = 65_536; octets >= 1; octets = Math.floor(octets / 2)) {
    try {
      for (;;) writeFileSync(filling, 'x'.repeat(octets), { flag: 'a' });
    } catch {
      // A smaller one may still fit.
    }
  }
}

mkdirSync(data);
const net = { sipPort: 18_740, rtpPorts: '18740-18759' };
writeFileSync(
  config,
  JSON.stringify({ schema: 'dualtone.config/1', ...ALONE, net, admin: { listen: 'off' } }),
);
fill();

const logged: string[] = [];
const journal = new Journal('debug', { out: (line) => logged.push(line), interactive: false }, Date.now);
const options = { data, config, board: 'sim', log: 'info' } as const;
const telephone = await RunningTelephone.start(options, '0.0.0', journal);
const { control } = telephone;
for (let look = 0; look < 100 && control.status().storage === undefined; look++) await sleep(20);
const { lines } = control.front();
const call = await control.dial('*41', { wait: true });
control.hangUp();
say({ storage: control.status().storage, lines, call: call.state, logged, left: readdirSync(data) });
await telephone.stop();

const told: string[] = [];
const space = new DiskSpace({
  data,
  told: (_level, text, shown) => told.push(`${text} ${shown ?? '–'}`),
  pause: 20,
});
const mark = () => writeFileSync(join(data, 'volatile'), '');
for (const change of [() => {}, () => rmSync(filling), mark, () => rmSync(join(data, 'volatile')), fill]) {
  change();
  await sleep(200);
  say({ storage: space.status, told: told.splice(0) });
}
space.close();
say({ token: contactToken(data, (text) => told.push(text)), told, left: readdirSync(data) });
process.exit(0);
