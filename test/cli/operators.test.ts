/** What operators of many telephones have of the built firmware: metrics, log, time. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:https';
import test from 'ava';
import { StubServer } from '../agent/stub_server.ts';
import { faultsOf } from '../support/exposition.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { timeServer } from '../support/time_server.ts';

const TOKEN = 'fl33t-t0ken-of-the-test';
const HOUR = 3_600_000;
const NTP = '127.0.0.123';

function metrics(port: number, token: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port, path: '/metrics', headers, rejectUnauthorized: false };
    request({ ...options, agent: false }, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** Times of the log, ms since the epoch. */
function timesIn(output: string): number[] {
  return output.split('\n').flatMap((line) => {
    const [, time] = /^\{"time":"([^"]+)"/.exec(line) ?? [];
    return time === undefined ? [] : [Date.parse(time)];
  });
}

test('the Date of the registrar is the time where no time server is known: in log, status, metrics and on the display', async (t) => {
  const server = await StubServer.open();
  t.teardown(() => server.close());
  server.date = new Date(Date.now() + 26 * HOUR).toUTCString();
  const syslog = createSocket('udp4');
  t.teardown(() => syslog.close());
  const lines: string[] = [];
  syslog.on('message', (line) => void lines.push(line.toString('utf8')));
  syslog.bind(0, '127.0.0.1');
  await once(syslog, 'listening');
  const config = {
    accounts: [server.account],
    net: { sipPort: 15_740, rtpPorts: '18520-18539' },
    admin: { port: 15_742 },
    metrics: { token: TOKEN },
    syslog: { server: `127.0.0.1:${syslog.address().port}`, level: 'debug' },
    time: { zone: 'Asia/Kolkata' },
  };
  const phone = await PhoneProcess.start(scratch('operators'), config, ['--http', '127.0.0.1:0']);
  t.teardown(() => phone.stop());
  const { clock } = await until('the clock', async () => {
    const status = await phone.status();
    return status.clock?.source === 'sip' && status;
  });
  t.is(clock?.zone, 'Asia/Kolkata');
  t.true(Math.abs((clock?.offsetMs ?? 0) - 26 * HOUR) < 5000);
  const shown = await until(
    'a time on the display',
    async () => /\w{3} \d+ \w{3} +(\d\d:\d\d)/.exec((await phone.verb('screen')).output)?.[1],
  );
  const local = (ms: number) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', timeStyle: 'short' }).format(ms);
  t.true([-60_000, 0].map((ms) => local(Date.now() + 26 * HOUR + ms)).includes(shown), shown);
  const port = Number(
    await until(
      'the page',
      () => /the settings page is at https:\/\/localhost:(\d+)/.exec(phone.output)?.[1],
    ),
  );
  t.true(
    Math.abs((timesIn(phone.output).at(-1) ?? 0) - Date.now() - 26 * HOUR) < 60_000,
    'the log goes by it',
  );
  await until('syslog', () =>
    lines.some((line) => Math.abs(Date.parse(line.split(' ')[1] ?? '') - Date.now() - 26 * HOUR) < 60_000),
  );

  const { status, body } = await metrics(port, TOKEN);
  t.is(status, 200);
  t.deepEqual(faultsOf(body), []);
  t.regex(body, /^dualtone_clock_source\{source="sip"\} 1$/m);
  t.regex(body, /^dualtone_accounts_registered 1$/m);
  t.regex(body, /^dualtone_syslog_lost_total 0$/m);
  t.regex(body, /^dualtone_provisioning_trial 0$/m);
  t.is((await metrics(port, `${TOKEN}x`)).status, 401);
  const printed = (await phone.verb('metrics')).output;
  t.regex(printed, /^dualtone_clock_offset_seconds 93\d{3}/m, 'some 26 hours');
  for (const text of [...lines, body, phone.output]) t.false(text.includes('s3cret') || text.includes(TOKEN));
});

const title = 'a time server is believed before the registrar';
const isRoot = process.getuid?.() === 0;

(isRoot ? test : test.skip)(isRoot ? title : `${title} (needs root: port 123)`, async (t) => {
  await timeServer(t, NTP, -HOUR, { port: 123 });
  const server = await StubServer.open();
  t.teardown(() => server.close());
  server.date = new Date(Date.now() + 26 * HOUR).toUTCString();
  const config = {
    accounts: [server.account],
    net: { sipPort: 15_744, rtpPorts: '18540-18559' },
    time: { servers: [NTP] },
  };
  const phone = await PhoneProcess.start(scratch('operators'), config);
  t.teardown(() => phone.stop());
  await phone.registered();
  const { clock } = await until('the clock', async () => {
    const status = await phone.status();
    return status.clock?.source === 'ntp' && status;
  });
  t.true(Math.abs((clock?.offsetMs ?? 0) + HOUR) < 1000);
});
