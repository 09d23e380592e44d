/** The program where no package at all can be found, native ones included. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PhoneProcess, scratch } from '../support/phone_process.ts';

const BUILT = new URL('../../dist/', import.meta.url).pathname;
const CALLER = 18961;
const CALLEE = 18962;

test('without the native packages it calls; one line says what to install for the board', async (t) => {
  const directory = scratch('without-packages');
  const dist = join(directory, 'dist');
  cpSync(BUILT, dist, { recursive: true });
  const start = async (name: string, net: object, args: readonly string[] = []) => {
    const program = join(dist, 'dualtone.js');
    const phone = await PhoneProcess.start(join(directory, name), { net }, args, { program });
    t.teardown(() => phone.stop());
    return phone;
  };
  const callee = await start('callee', { sipPort: CALLEE, rtpPorts: '18970-18979' });
  const board = ['--board', 'desk-mcp-lcd'];
  const caller = await start('caller', { sipPort: CALLER, rtpPorts: '18980-18989' }, board);
  t.is((await caller.verb('dial', `sip:bob@127.0.0.1:${CALLEE}`)).code, 0);
  await callee.call('ringing');
  t.is((await callee.verb('answer')).code, 0);
  await caller.call('talking');
  t.is((await caller.verb('hangup')).code, 0);
  await callee.call('ended');
  const said = caller.output.split('\n').filter((line) => line.includes('the hardware of this board'));
  t.regex(said[0] ?? '', /wants koffi and i2c-bus: .*npm install koffi i2c-bus.*; calls work without/);
  t.is(said.length, 1, said.join('\n'));
});
