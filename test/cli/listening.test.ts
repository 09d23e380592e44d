/** What strangers can knock at: the sockets of the built firmware, as the kernel lists them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import test from 'ava';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';

const SIP = 15_750;
const ADMIN = 15_752;
/** `st` of proc_net(5): a TCP socket that listens, a UDP socket that is bound. */
const LISTENS = { tcp: '0A', udp: '07' } as const;

/** Local ports of a process's sockets that anybody may send to. */
function portsOf(id: number, protocol: 'tcp' | 'udp'): number[] {
  const own = new Set(
    readdirSync(`/proc/${id}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${id}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const rows = ['', '6'].flatMap((family) =>
    readFileSync(`/proc/${id}/net/${protocol}${family}`, 'latin1').split('\n').slice(1),
  );
  const ports = rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return state === LISTENS[protocol] && own.has(inode)
      ? [Number.parseInt(local.split(':')[1] ?? '', 16)]
      : [];
  });
  return [...new Set(ports)].sort();
}

test('a telephone listens for SIP and nothing else: nobody configures it from outside', async (t) => {
  const config = { net: { sipPort: SIP }, accounts: [{ user: 'a', domain: '127.0.0.1', port: 9 }] };
  const phone = await PhoneProcess.start(scratch('listening'), config);
  t.teardown(() => phone.stop());
  t.deepEqual(portsOf(phone.id, 'tcp'), [SIP]);
  t.deepEqual(portsOf(phone.id, 'udp'), [SIP]);
});

test('with its page it listens for HTTPS besides, at the port of the configuration', async (t) => {
  const config = { net: { sipPort: SIP + 3 }, admin: { port: ADMIN } };
  const phone = await PhoneProcess.start(scratch('listening'), config, ['--http', '127.0.0.1:15759']);
  t.teardown(() => phone.stop());
  const all = await until('all ports', () => {
    const ports = portsOf(phone.id, 'tcp');
    return ports.length >= 3 && ports;
  });
  t.deepEqual(all, [ADMIN, SIP + 3, 15_759]);
});
