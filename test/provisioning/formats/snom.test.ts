import test from 'ava';
import { read, refusal, snom, WHOLE } from './files.ts';

const LINE = '<user_name idx="1">204</user_name><user_host idx="1">pbx.example.net</user_host>';

async function accounts(...elements: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const { value } = await read(snom(LINE, ...elements));
  return value.accounts as Record<string, unknown>[];
}

test('a whole file becomes a configuration without warnings', async (t) => {
  const { value, warnings, unknown } = await read(WHOLE.snom);
  t.deepEqual([...warnings, ...unknown], []);
  t.deepEqual(value, {
    country: 'DE',
    language: 'de',
    accounts: [
      {
        user: '204',
        domain: 'pbx.example.net',
        port: 5062,
        password: 's&cret',
        srtp: 'required',
        codecs: ['g722', 'pcma'],
      },
    ],
    time: { zone: 'Europe/Berlin' },
    provisioning: { locked: ['accounts'] },
  });
});

test('perm R keeps a setting from the user, RW and none leave it to him', async (t) => {
  const { value } = await read(
    snom(
      '<language perm="RW">English</language><ntp_server perm="R">192.0.2.1</ntp_server><tone_scheme>USA</tone_scheme>',
    ),
  );
  t.deepEqual(value.provisioning, { locked: ['time.servers'] });
  // Of a setting that was not understood there is nothing to lock.
  t.is((await read(snom('<language perm="R">e</language>'))).value.provisioning, undefined);
});

test('SRTP has two switches: whether, and whether it is demanded', async (t) => {
  const modes = [
    ['<user_srtp idx="1">off</user_srtp><user_savp idx="1">mandatory</user_savp>', 'off'],
    ['<user_srtp idx="1">on</user_srtp><user_savp idx="1">mandatory</user_savp>', 'required'],
    ['<user_srtp idx="1">on</user_srtp><user_savp idx="1">optional</user_savp>', 'optional'],
    ['<user_srtp idx="1">on</user_srtp>', 'optional'],
    ['<user_savp idx="1">mandatory</user_savp>', 'required'],
    ['', undefined],
  ] as const;
  for (const [elements, srtp] of modes) t.is((await accounts(elements))[0]?.srtp, srtp);
  t.regex(
    await refusal(snom(LINE, '<user_srtp idx="1">perhaps</user_srtp>')),
    /^user_srtp idx=1: expected on or off/,
  );
});

test('the outbound proxy names the transport, and an empty one names none', async (t) => {
  const [tls] = await accounts(
    '<user_outbound idx="1">sip:edge.example.net:5061;transport=tls</user_outbound>',
  );
  t.is(tls?.outboundProxy, 'sip:edge.example.net:5061;transport=tls;lr');
  t.is(tls?.transport, 'tls');
  const [none] = await accounts('<user_outbound idx="1">192.0.2.1:5060;transport=</user_outbound>');
  t.is(none?.outboundProxy, 'sip:192.0.2.1:5060;lr');
  t.is(none?.transport, undefined);
  const [sips] = await accounts('<user_outbound idx="1">sips:[2001:db8::1]</user_outbound>');
  t.is(sips?.outboundProxy, 'sip:[2001:db8::1];transport=tls;lr');
});

test('the failover identity of the same user is its second registrar, and no account of its own', async (t) => {
  const second = '<user_name idx="2">204</user_name><user_host idx="2">backup.example.net:5070</user_host>';
  const [first, ...others] = await accounts(
    '<user_failover_identity idx="1">2</user_failover_identity>',
    second,
  );
  t.deepEqual(first?.fallbacks, [{ domain: 'backup.example.net', port: 5070 }]);
  t.deepEqual(others, []);
});

test('failover identities that name each other leave one account', async (t) => {
  const second = '<user_name idx="2">204</user_name><user_host idx="2">backup.example.net</user_host>';
  const names =
    '<user_failover_identity idx="1">2</user_failover_identity><user_failover_identity idx="2">1</user_failover_identity>';
  t.is((await accounts(names, second)).length, 1);
});

test('a failover identity of another user is told and not used', async (t) => {
  const other = '<user_name idx="2">205</user_name><user_host idx="2">pbx.example.net</user_host>';
  const { value, warnings } = await read(
    snom(LINE, '<user_failover_identity idx="1">2</user_failover_identity>', other),
  );
  t.is((value.accounts as unknown[]).length, 2);
  t.deepEqual(warnings, ['user_failover_identity idx=1: identity 2 has another user: not used']);
});

test('identities switched off are left out, and a mailbox is asked about', async (t) => {
  const [only, ...none] = await accounts(
    '<user_mailbox idx="1">*97</user_mailbox>',
    '<user_active idx="2">off</user_active><user_name idx="2">205</user_name>',
  );
  t.deepEqual([only?.voicemail, only?.mwi, none], ['*97', { subscribe: true }, []]);
});

test('keys, books and languages beside the settings are told by name', async (t) => {
  const { unknown, unused } = await read(
    '<settings><phone-settings><vlan_id>5</vlan_id></phone-settings><functionKeys><fkey idx="0">line</fkey></functionKeys><tbook><item>x</item></tbook></settings>',
  );
  t.deepEqual(unused, ['vlan_id', 'functionKeys/fkey idx=0']);
  t.deepEqual(unknown, ['tbook/item']);
});

test('CDATA and character references are text', async (t) => {
  const [account] = await accounts(
    '<user_pass idx="1"><![CDATA[a<b>&c]]></user_pass><user_realname idx="1">K&#252;che &quot;2&quot;</user_realname>',
  );
  t.is(account?.password, 'a<b>&c');
  t.is(account?.displayName, 'Küche "2"');
});
