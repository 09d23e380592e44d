/** A server that tells by SIP when its configuration is another, and a telephone that need not ask. */
import { join } from 'node:path';
import { inLab } from '../lab/in_lab.ts';
import { Lan } from '../provisioning/lan.ts';
import { until } from '../support/process.ts';

const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
const SERVER = new URL('monitor_server.ts', import.meta.url).pathname;

inLab('openssl')('a changed configuration is there a moment after the server told of it', async (t) => {
  await using lan = await Lan.create([]);
  const server = lan.phone(process.execPath, [SERVER, lan.folder('server'), '8443', '5099']);
  const listening = () => server.output.includes('ready');
  await until('the server listens', listening, 8_000, () => server.output);
  const url = 'https://127.0.0.1:8443/phone.json';
  const config = lan.file('config.json', JSON.stringify({ provisioning: { url } }));
  const words = ['run', '--config', config, '--data', join(lan.directory, 'data'), '--http', 'off'];
  const start = () => lan.phone(process.execPath, [MAIN, ...words, '--board', 'sim', '--log', 'debug']);
  const telephone = start();
  await until(
    'the second version',
    () => /configuration 2 from 127\.0\.0\.1:8443 is on trial/.test(telephone.output),
    20_000,
    () => `${telephone.output}\n${server.output}`,
  );
  t.regex(telephone.output, /sip:cs@127\.0\.0\.1:5099 tells of a change: the configuration is asked for/);
  const asked = server.output.split('\n').filter((line) => line.startsWith('asked'));
  t.deepEqual(asked, ['asked: 200 version 1', 'asked: 200 version 2'], 'what is known is no news');
  await telephone.stop();
  const unsubscribed = () => server.output.includes('subscribed for 0');
  await until('it unsubscribes', unsubscribed, 5_000, () => server.output);
  // A 304 names no URI: that of before still counts (RFC 6011 2.6.1).
  const before = server.output.length;
  const again = start();
  await until(
    'subscribed after a restart',
    () =>
      /asked: 304[\s\S]*subscribed for 3600|subscribed for 3600[\s\S]*asked: 304/.test(
        server.output.slice(before),
      ),
    15_000,
    () => `${again.output}\n${server.output}`,
  );
  t.notRegex(again.output, /tells of a change/);
});
