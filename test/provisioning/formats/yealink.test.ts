import test from 'ava';
import { yealinkIncludes } from '#provisioning/formats/yealink.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { read, refusal, WHOLE, yealink } from './files.ts';

const LINE = [
  'account.1.enable = 1',
  'account.1.user_name = 204',
  'account.1.sip_server.1.address = pbx.example.net',
];

async function account(...lines: readonly string[]): Promise<Record<string, unknown>> {
  const { value } = await read(yealink(...LINE, ...lines));
  return (value.accounts as Record<string, unknown>[])[0] ?? {};
}

test('a whole file becomes a configuration without warnings', async (t) => {
  const { value, warnings, unknown } = await read(WHOLE.yealink);
  t.deepEqual([...warnings, ...unknown], []);
  t.deepEqual(value, {
    country: 'DE',
    language: 'de',
    accounts: [
      {
        user: '204',
        authUser: 'kitchen',
        // A # inside a line, quotes and signs of equality belong to the value.
        password: 'p#ss = "word"',
        displayName: 'Küche',
        domain: 'pbx.example.net',
        port: 5061,
        transport: 'tls',
        outboundProxy: 'sip:edge.example.net;transport=tls;lr',
        // As the first one: a second registrar must not be weaker.
        fallbacks: [{ domain: '2001:db8::2', transport: 'tls' }],
        srtp: 'required',
        codecs: ['opus', 'pcma'],
        expires: 1800,
      },
    ],
    dial: { map: '(0T|[2-7]xx|00x.T)' },
    time: { zone: 'Europe/Berlin' },
  });
  t.deepEqual(mergeLayers([{ origin: 'server device', from: 'test', value }]).refused, []);
});

test('transports are numbers, 3 leaves port and transport to DNS', async (t) => {
  for (const [code, transport] of [
    ['0', 'udp'],
    ['1', 'tcp'],
    ['2', 'tls'],
  ] as const) {
    t.is((await account(`account.1.sip_server.1.transport_type = ${code}`)).transport, transport);
  }
  const byDns = await account(
    'account.1.sip_server.1.transport_type = 3',
    'account.1.sip_server.1.port = 5060',
  );
  t.is(byDns.transport, 'auto');
  t.is(byDns.port, undefined);
  t.is((await account('account.1.sip_server.1.port = 0')).port, undefined);
  t.is((await account('account.1.sip_server.1.transport_type =')).transport, undefined);
});

test('a transport, SRTP mode or port that is not understood refuses the file: it must not become a weaker one', async (t) => {
  const wrong = [
    'sip_server.1.transport_type = 9',
    'srtp_encryption = 7',
    'sip_server.1.port = 70000',
    'enable = perhaps',
  ];
  for (const line of wrong) {
    const refused = await refusal(yealink(...LINE, `account.1.${line}`));
    t.regex(refused, new RegExp(`^account\\.1\\.${line.split(' ')[0]?.replaceAll('.', '\\.')}: expected`));
  }
});

test('SRTP modes are numbers', async (t) => {
  for (const [code, srtp] of [
    ['0', 'off'],
    ['1', 'optional'],
    ['2', 'required'],
  ] as const) {
    t.is((await account(`account.1.srtp_encryption = ${code}`)).srtp, srtp);
  }
});

test('%NULL% and nothing reset a key, and the later of two lines counts', async (t) => {
  t.is((await account('account.1.password = a', 'account.1.password = %NULL%')).password, undefined);
  t.is((await account('account.1.password = a', 'account.1.password =')).password, undefined);
  t.is((await account('account.1.password = a', 'account.1.password = b')).password, 'b');
  const { value, unused } = await read(
    yealink(...LINE, 'voice.tone.country = %NULL%', 'linekey.1.label = %NULL%'),
  );
  t.is(value.country, undefined);
  t.deepEqual(unused, []);
});

test('several accounts come in their order, disabled and empty ones are left out', async (t) => {
  const numbered = (n: number, enable: string) => [
    `account.${n}.enable = ${enable}`,
    `account.${n}.user_name = ${n}00`,
    `account.${n}.sip_server.1.address = pbx.example.net`,
  ];
  const { value } = await read(
    yealink(
      ...numbered(10, '1'),
      ...numbered(2, '0'),
      ...numbered(1, '1'),
      'account.3.enable = 1',
      'account.3.label = x',
    ),
  );
  t.deepEqual(
    (value.accounts as { user: string }[]).map(({ user }) => user),
    ['100', '1000'],
  );
});

test('user@domain is an address of record, and the server is where its requests go', async (t) => {
  const other = await account('account.1.user_name = alice@example.net');
  t.is(other.user, 'alice');
  t.is(other.domain, 'example.net');
  t.is(other.outboundProxy, 'sip:pbx.example.net;lr');
  const same = await account(
    'account.1.user_name = alice@PBX.example.net',
    'account.1.sip_server.1.port = 5070',
  );
  t.is(same.domain, 'PBX.example.net');
  t.is(same.port, 5070);
  t.is(same.outboundProxy, undefined);
});

test('an outbound proxy counts only where it is switched on', async (t) => {
  const proxy = [
    'account.1.outbound_proxy.1.address = 2001:db8::1',
    'account.1.outbound_proxy.1.port = 5080',
  ];
  t.is((await account('account.1.outbound_proxy_enable = 0', ...proxy)).outboundProxy, undefined);
  t.is(
    (await account('account.1.outbound_proxy_enable = 1', ...proxy)).outboundProxy,
    'sip:[2001:db8::1]:5080;lr',
  );
});

test('codecs come by priority, else in the order of the file; those that we lack are told', async (t) => {
  const codec = (name: string, priority?: number, enable = 1) => [
    `account.1.codec.${name}.enable = ${enable}`,
    ...(priority === undefined ? [] : [`account.1.codec.${name}.priority = ${priority}`]),
  ];
  t.deepEqual(
    (await account(...codec('pcmu', 3), ...codec('opus', 1), ...codec('g722', 2), ...codec('pcma', 4, 0)))
      .codecs,
    ['opus', 'g722', 'pcmu'],
  );
  t.deepEqual((await account(...codec('pcmu'), ...codec('pcma'))).codecs, ['pcmu', 'pcma']);
  const { value, warnings } = await read(yealink(...LINE, ...codec('g729'), ...codec('ilbc_13_33kbps')));
  t.is((value.accounts as { codecs?: unknown }[])[0]?.codecs, undefined);
  t.regex(warnings.join('\n'), /no codec g729, ilbc_13_33kbps[\s\S]*none of its codecs is ours/);
});

test('the prefix static. may be there or not', async (t) => {
  for (const prefix of ['', 'static.']) {
    const { value } = await read(
      yealink(
        `${prefix}syslog.enable = 1`,
        `${prefix}syslog.server = 2001:db8::9`,
        `${prefix}syslog.server_port = 6514`,
        `${prefix}syslog.transport_type = 2`,
      ),
    );
    t.deepEqual(value, { syslog: { server: '[2001:db8::9]:6514', transport: 'tls' } });
  }
});

test('a file may keep strangers out, but never lets them in', async (t) => {
  t.deepEqual((await read(yealink('sip.trust_ctrl = 1'))).value, { security: { acceptFrom: 'known' } });
  t.deepEqual((await read(yealink('features.direct_ip_call_enable = 0'))).value, {
    security: { acceptFrom: 'known' },
  });
  t.deepEqual((await read(yealink('sip.trust_ctrl = 0', 'features.direct_ip_call_enable = 1'))).value, {});
});

test('emergency numbers are added to 112, minutes become seconds, a family counts for every account', async (t) => {
  const { value } = await read(
    yealink(
      ...LINE,
      'phone_setting.emergency.number = 911,999',
      'static.auto_provision.repeat.enable = 1',
      'static.auto_provision.repeat.minutes = 60',
      'static.network.ip_address_mode = 1',
      'static.network.port.min_rtpport = 11780',
      'static.network.port.max_rtpport = 12780',
    ),
  );
  t.deepEqual(value.dial, { emergency: ['112', '911', '999'] });
  t.deepEqual(value.provisioning, { interval: 3600 });
  t.deepEqual(value.net, { rtpPorts: '11780-12780' });
  t.is((value.accounts as { family: string }[])[0]?.family, 'ipv6');
});

test('keys without a counterpart are told apart from unknown ones', async (t) => {
  const { unknown, unused } = await read(
    yealink(
      'static.network.vlan.internet_port_vid = 120',
      'linekey.1.type = 15',
      'features.unheard_of = 1',
      'remote_phonebook.data.1.url = http://192.0.2.1/book.xml',
    ),
  );
  t.deepEqual(unused, ['static.network.vlan.internet_port_vid', 'linekey.1.type']);
  t.deepEqual(unknown, ['features.unheard_of', 'remote_phonebook.data.1.url']);
});

test('a line that is no setting is told by its number alone: it may be half of a password', async (t) => {
  const { warnings } = await read(yealink('account.1.password s3cret'));
  t.deepEqual(warnings, ['line 2: no "key = value", passed over']);
});

test('a common file and one for the telephone are read as one, the latter wins', async (t) => {
  const common = yealink(
    'account.1.sip_server.1.address = pbx.example.net',
    'lang.gui = English',
    'voice.tone.country = France',
  );
  const { value } = await read(yealink('account.1.user_name = 204', 'voice.tone.country = Spain'), common);
  t.deepEqual(value, {
    language: 'en',
    country: 'ES',
    accounts: [{ user: '204', domain: 'pbx.example.net' }],
  });
  // One of another maker is not of this telephone's.
  t.deepEqual((await read(yealink('lang.gui = English'), WHOLE.snom)).value, { language: 'en' });
});

test('a .boot file names the files to fetch', async (t) => {
  const boot = yealink(
    'include:config <common.cfg>',
    'include:config "http://192.0.2.1/204.cfg"',
    '[T46S]include:config <t46.cfg>',
    'overwrite_mode = 1',
  );
  t.deepEqual(yealinkIncludes(boot), ['common.cfg', 'http://192.0.2.1/204.cfg', 't46.cfg']);
  const { includes, value, warnings } = await read(boot);
  t.deepEqual([includes.length, value, warnings], [3, {}, []]);
});
