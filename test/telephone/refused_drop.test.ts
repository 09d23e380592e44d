/** A telephone that was handed a drop file which it cannot use, and one that wants another board and other ports. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { defaultConfig } from '#provisioning/schema.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';

const program = new URL('../../firmware/main.ts', import.meta.url).pathname;

/** From its sources, as a service would start it, with this file in its drop directory. */
async function handed(t: ExecutionContext, sipPort: number, text: string) {
  const directory = scratch('handed');
  const [drop, run] = [join(directory, 'drop'), join(directory, 'run')];
  for (const folder of [drop, run]) mkdirSync(folder);
  writeFileSync(join(drop, 'dualtone.yaml'), text);
  const config = { net: { sipPort, rtpPorts: '18700-18719' }, admin: { listen: 'off' } };
  const via = ['env', `RUNTIME_DIRECTORY=${run}`];
  const phone = await PhoneProcess.start(directory, config, ['--drop', drop], { via, program });
  t.teardown(() => phone.stop());
  const told = (name: string) =>
    existsSync(join(run, name)) ? readFileSync(join(run, name), 'utf8') : undefined;
  return { phone, drop, told };
}

test.serial(
  'a refused drop file is on the display, in the status and beside the file, and the telephone works',
  async (t) => {
    const { phone, drop } = await handed(t, 18_700, 'net: {sipPort: "x"}\n');
    const screen = await until('the display says it', async () => {
      const { output } = await phone.verb('screen');
      return output.includes('Drop file refused') && output;
    });
    t.truthy(screen);
    const status = JSON.parse((await phone.verb('status', '--json')).output);
    t.regex(status.provisioning.refused, /^dualtone\.yaml: \/net\/sipPort: expected a port number/);
    t.regex(readFileSync(join(drop, 'dualtone.error.txt'), 'utf8'), /^dualtone\.yaml: \/net\/sipPort/);
  },
);

test.serial('the ports at which it is called are told to the system', async (t) => {
  const { told } = await handed(t, 18_710, '');
  const tunnel = defaultConfig().net.sixbed4.port;
  t.is(told('ports'), `sip 18710,5061\nrtp 18700-18719\ntunnel ${tunnel}\npage 8443\n`);
});

test.serial('the board that runs and the one that is wanted are told to the system', async (t) => {
  const { phone, drop, told } = await handed(t, 18_710, 'board: rotary-usb\n');
  await until(
    'another board is wanted',
    () => told('board-wanted') === 'rotary-usb',
    8000,
    () => phone.output,
  );
  t.is(told('board'), 'sim', 'it counts from the next start');
  await until('the file is taken', () => existsSync(join(drop, 'dualtone.yaml.applied')));
});
