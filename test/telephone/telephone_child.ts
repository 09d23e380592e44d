/**
 * A telephone in the namespace that it runs in, with an open settings page that prints what it hears of servers, beside a
 * server with a key of its own.
 *
 *     node telephone_child.ts DIRECTORY PORT
 */
import { join } from 'node:path';
import { AdminDesk } from '../../firmware/telephone/admin_desk.ts';
import { Journal } from '../../firmware/telephone/log.ts';
import { RunningTelephone } from '../../firmware/telephone/running.ts';
import { serve } from './web_server.ts';

const [directory = '', port = ''] = process.argv.slice(2);
const say = (what: object) => console.log(JSON.stringify(what));
const server = await serve(directory, Number(port), '{}');
const journal = new Journal('debug', { out: (line) => console.error(line), interactive: false }, Date.now);
const options = { data: join(directory, 'data'), board: 'sim', log: 'debug' } as const;
const telephone = await RunningTelephone.start(options, '0.0.0-test', journal);
const desk = new AdminDesk(telephone, journal, 'test', () => {});
telephone.serverChanged = () => desk.serverChanged();
desk.subscribe(({ kind }) => {
  if (kind !== 'server') return;
  const page = desk.server();
  say({ page });
  const { config } = telephone.succession;
  if (page.changes.length === 0 || config === undefined) return;
  telephone.provisioned?.goBy({ ...config, provisioning: { ...config.provisioning, mode: 'off' } });
  say({ off: desk.server() });
});
process.once('SIGTERM', async () => {
  server.close();
  await telephone.stop();
  process.exit(0);
});
