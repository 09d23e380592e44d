/** A server of configurations that avahi tells of, and a telephone out of its box on the same LAN, without DHCP. */
import { join } from 'node:path';
import { inLab } from '../lab/in_lab.ts';
import { Avahi } from '../lab/peers/avahi.ts';
import { Lan } from '../provisioning/lan.ts';
import { type PeerProcess, until } from '../support/process.ts';

const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
const WEB = new URL('web_server.ts', import.meta.url).pathname;
const PORT = '8443';
const FILE = JSON.stringify({ schema: 'dualtone.config/1', version: '2026-11-20.1', name: 'By DNS-SD' });

const withAvahi = inLab('avahi-daemon', 'avahi-publish', 'dbus-daemon', 'openssl');

/** `phone`: its addresses besides the link-local one of IPv6. */
async function configured(addresses: readonly string[], phone: readonly string[]) {
  await using lan = await Lan.create(addresses);
  for (const address of phone) await lan.giveAddress(address);
  const web = lan.server(process.execPath, [
    ...[WEB, lan.folder('web'), PORT],
    lan.file('config.json', FILE),
  ]);
  await until(
    'the web server is there',
    () => web.output.includes('ready'),
    8_000,
    () => web.output,
  );
  const run = (program: string, args: readonly string[], env?: NodeJS.ProcessEnv) =>
    lan.server(program, args, env);
  const avahi = await Avahi.start(lan, { name: 'pbx', run });
  await avahi.publish({
    ...{ name: 'Our PBX', type: '_dualtone-conf._tcp', port: Number(PORT) },
    texts: ['txtvers=1', 'path=/prov/{mac}.json', 'https'],
  });
  const began = Date.now();
  const words = ['run', '--data', join(lan.directory, 'data'), '--http', 'off', '--board', 'sim'];
  const start = () => lan.phone(process.execPath, [MAIN, ...words, '--log', 'debug']);
  const says = (telephone: PeerProcess, what: RegExp) =>
    until(
      String(what),
      () => what.test(telephone.output),
      20_000,
      () => `${telephone.output}\n${web.output}`,
    );
  const telephone = start();
  await says(telephone, /a configuration from .*is on trial/s);
  const ms = Date.now() - began;
  await telephone.stop();
  // Its name has to be found on the LAN anew.
  const again = start();
  await says(again, /a configuration from the server of before/);
  return { said: telephone.output, again: again.output, asked: web.output, ms };
}

withAvahi('its name leads there, over both families', async (t) => {
  const { said, again, asked, ms } = await configured(['10.9.0.1/24', '2001:db8:9::1/64'], ['10.9.0.5/24']);
  t.log(`${ms} ms`);
  t.regex(said, /a configuration from DNS-SD on eth0: Our PBX/);
  t.notRegex(again, /no configuration from/);
  t.regex(said, /from pbx\.local:8443 is on trial/);
  t.regex(asked, /asked for \/prov\/dca632010203\.json/);
});

withAvahi('nothing but link-local addresses of IPv6 is enough', async (t) => {
  const { said, ms } = await configured([], []);
  t.log(`${ms} ms`);
  t.regex(said, /a configuration from DNS-SD on eth0: Our PBX/);
});
