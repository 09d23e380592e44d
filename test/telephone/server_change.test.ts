/** Who wants to be the server of a telephone that runs, as the settings page hears of it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inLab } from '../lab/in_lab.ts';
import { scratch } from '../support/phone_process.ts';
import { PeerProcess, until } from '../support/process.ts';

const CHILD = new URL('telephone_child.ts', import.meta.url).pathname;
const PORT = 8_443;
const HOST = `127.0.0.1:${PORT}`;
/** The pinned server had another key. */
const STATE = {
  kept: { inForce: { id: 'none', accounts: 0 }, givenUp: [] },
  standing: {
    pin: { host: HOST, keys: ['sha256/of before'] },
    ...{ url: `https://${HOST}/`, step: 'dhcp', files: [] },
  },
};

interface Said {
  /** What the settings page has just heard. */
  readonly page?: { readonly changes: readonly { readonly host: string; readonly reason: string }[] };
  /** Of the telephone, provisioning being off. */
  readonly off?: Said['page'];
}

inLab()('an open settings page hears of it at once, and of nobody once nobody is asked', async (t) => {
  const directory = scratch('server-change');
  mkdirSync(join(directory, 'data', 'provisioning'), { recursive: true });
  writeFileSync(join(directory, 'data', 'provisioning', 'state.json'), JSON.stringify(STATE));
  // Nothing but loopback: on a LAN it would ask for a configuration.
  const script = 'ip link set lo up && exec "$@"';
  const command = ['-n', 'sh', '-c', script, 'sh', process.execPath, CHILD, directory, String(PORT)];
  const child = new PeerProcess('unshare', command);
  t.teardown(async () => {
    await child.stop();
    rmSync(directory, { recursive: true });
  });
  const said = (): Said[] =>
    child.output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const heard = await until(
    'the page hears of a change',
    () => said().find(({ page }) => page?.changes.length === 1)?.page,
    10_000,
    () => child.output,
  );
  t.like(heard.changes[0], { host: HOST, reason: 'it shows another key than before' });
  const off = await until('provisioning is off', () => said().find((line) => line.off)?.off, 5_000);
  t.deepEqual(off.changes, []);
});
