/** The settings page of a running telephone, when its configuration wants it elsewhere. */
import test from 'ava';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { ask, claimed, portOf, post } from './owner.ts';

const PORT = 15_740;

test('what is saved on the page moves the page, its session goes along, and it can be switched off', async (t) => {
  const config = { net: { sipPort: 15_744, rtpPorts: '18520-18529' }, admin: { port: PORT } };
  const phone = await PhoneProcess.start(scratch('moved'), config, ['--http', '127.0.0.1:0']);
  t.teardown(() => phone.stop());
  const port = await until('the page', () => portOf(phone));
  const owner = await claimed(phone, port);
  const save = async (at: number, text: string) => {
    const { revision } = JSON.parse((await ask(at, 'config', undefined, owner)).body) as { revision: string };
    const { status, body } = await post(at, 'config', { text, revision }, owner);
    t.is(status, 200, body);
    t.like(JSON.parse(body), { kind: 'saved' });
  };
  await save(port, 'admin: {port: 15742}');
  const next = await until('it is elsewhere', () => portOf(phone, 2));
  t.is(next, 15_742);
  await t.throwsAsync(ask(port, 'session'), { code: 'ECONNREFUSED' });
  await save(next, 'admin: {port: 15742}\nname: Attic');
  t.is((await ask(next, 'config', undefined, owner)).status, 200, 'another change moves nothing');
  t.is(portOf(phone, 3), undefined);
  await save(next, 'admin: {listen: off}');
  await until('it is switched off', () => /the settings page is switched off/.test(phone.output));
  await until('nobody listens', () =>
    ask(next, 'session').then(
      () => false,
      () => true,
    ),
  );
});
