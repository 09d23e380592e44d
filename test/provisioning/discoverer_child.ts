/**
 * Discovers in the namespace that it runs in, and prints what happens, a line of JSON each.
 *
 *     node discoverer_child.ts '{"leases": {…}}'
 */
import { systemDns } from '#net/dns/system.ts';
import { NetworkWatch } from '#net/watch/network_watch.ts';
import { deviceMac } from '#provisioning/discovery/identity.ts';
import { Discoverer } from '#provisioning/sources/discover.ts';
import { linkLayers } from '#provisioning/sources/interfaces.ts';

const began = performance.now();
const say = (what: object) =>
  console.log(JSON.stringify({ ...what, at: Math.round(performance.now() - began) }));
const options = JSON.parse(process.argv[2] ?? '{}');
const dns = systemDns([]);
const discoverer = new Discoverer({
  identity: {
    ...{ mac: deviceMac(linkLayers()) ?? '', model: 'Test', version: '1.0.0' },
    ...{ vendor: 'dualtone.example', board: 'test', machine: 'test' },
  },
  ask: dns.ask,
  events: {
    facts: (facts) => say({ facts }),
    candidates: (candidates) => say({ candidates }),
    note: (note) => say({ note }),
  },
  ...options,
});
const watch = new NetworkWatch({ addresses: (now) => discoverer.network(now.network) }, { patience: 0 });
discoverer.start(watch.current.network);
process.once('SIGTERM', () => {
  discoverer.stop();
  watch.close();
  dns.close();
  process.exit(0);
});
// Nothing of the discoverer keeps a process alive.
setInterval(() => {}, 1000);
