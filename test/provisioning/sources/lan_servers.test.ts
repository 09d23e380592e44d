/** What multicast DNS tells of servers, for those who ask for candidates and for addresses. */
import test from 'ava';
import type { LinkService } from '#mdns/service.ts';
import { LanServers } from '#provisioning/sources/lan_servers.ts';

const PBX: LinkService = {
  ...{ service: '_dualtone-conf._tcp.local', instance: 'PBX', host: 'pbx.local', port: 443, link: 'eth0' },
  ...{ text: new Map([['https', '']]), addresses: ['fe80::1', '10.0.0.1'], until: 1_000 },
};

test('who listens is told what there is, now and after each change, until it ends', (t) => {
  const lan = new LanServers();
  const told: string[][] = [];
  lan.heard([PBX]);
  const source = lan.tell((candidates) => told.push(candidates.map(({ url }) => url)));
  lan.heard([]);
  source.close();
  lan.heard([PBX]);
  t.deepEqual(told, [['https://pbx.local:443/'], []]);
});

test('a host of the LAN is where it says that it is, link-local addresses with their zone', async (t) => {
  const lan = new LanServers();
  lan.heard([PBX, { ...PBX, service: 'another' }]);
  t.deepEqual(await lan.resolve('PBX.local'), ['fe80::1%eth0', '10.0.0.1']);
});

test('after a start it is waited for', async (t) => {
  const lan = new LanServers();
  const asked = lan.resolve('pbx.local');
  lan.heard([{ ...PBX, host: 'other.local' }]);
  lan.heard([PBX]);
  t.deepEqual(await asked, ['fe80::1%eth0', '10.0.0.1']);
});

test('one that says nothing is away for a while, not for ever', async (t) => {
  // The waiting keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  t.teardown(() => clearInterval(alive));
  const error: NodeJS.ErrnoException | undefined = await t.throwsAsync(
    new LanServers().resolve('nobody-has-this-name.local'),
  );
  t.not(error?.code, 'ENOTFOUND');
  t.regex(error?.message ?? '', /nobody on the LAN says that it is nobody-has-this-name\.local/);
});

test('other names are the system’s, whatever the LAN says', async (t) => {
  const lan = new LanServers();
  lan.heard([{ ...PBX, host: 'localhost', addresses: ['192.0.2.66'] }]);
  const addresses = await lan.resolve('localhost');
  t.false(addresses.includes('192.0.2.66'));
});
