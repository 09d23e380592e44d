import test from 'ava';
import { grandstream, read, refusal, WHOLE } from './files.ts';

const LINE = '<P271>1</P271><P47>pbx.example.net</P47><P35>204</P35>';

async function account(...elements: readonly string[]): Promise<Record<string, unknown>> {
  const { value } = await read(grandstream(LINE, ...elements));
  return (value.accounts as Record<string, unknown>[])[0] ?? {};
}

test('a whole file becomes a configuration without warnings', async (t) => {
  const { value, warnings, unknown } = await read(WHOLE.grandstream);
  t.deepEqual([...warnings, ...unknown], []);
  t.deepEqual(value, {
    accounts: [
      {
        user: '204',
        domain: 'pbx.example.net',
        password: 'secret',
        transport: 'tcp',
        srtp: 'optional',
        codecs: ['g722', 'pcma'],
        expires: 1800,
      },
    ],
    dial: { map: '(x+|*x+)' },
  });
});

test('every account has numbers of its own', async (t) => {
  const { value } = await read(
    grandstream(
      LINE,
      '<P401>1</P401><P402>two.example.net</P402><P404>2</P404><P448>1</P448><P443>2</P443><P451>8</P451><P412>10</P412>',
      '<P501>1</P501><P502>three.example.net</P502><P504>3</P504><P2512>b.example.net</P2512>',
      '<P601>0</P601><P602>four.example.net</P602><P604>4</P604>',
      '<P1701>1</P1701><P1702>five.example.net</P1702><P1704>5</P1704><P1703>edge.example.net</P1703><P2712>b.example.net</P2712>',
      '<P1801>1</P1801><P1802>six.example.net</P1802><P1804>6</P1804><P1826>*97</P1826><P1815>1</P1815>',
    ),
  );
  t.deepEqual(value.accounts, [
    { user: '204', domain: 'pbx.example.net' },
    {
      user: '2',
      domain: 'two.example.net',
      transport: 'tcp',
      srtp: 'required',
      codecs: ['pcma'],
      expires: 600,
    },
    { user: '3', domain: 'three.example.net', fallbacks: [{ domain: 'b.example.net' }] },
    {
      user: '5',
      domain: 'five.example.net',
      outboundProxy: 'sip:edge.example.net;lr',
      fallbacks: [{ domain: 'b.example.net' }],
    },
    { user: '6', domain: 'six.example.net', voicemail: '*97', mwi: { subscribe: true } },
  ]);
});

test('P103 says whether SRV is asked: an address lookup alone fixes the port', async (t) => {
  t.is((await account('<P103>0</P103>')).port, 5060);
  t.is((await account('<P103>0</P103><P130>2</P130>')).port, 5061);
  t.is((await account('<P103>1</P103>')).port, undefined);
  t.is((await account('<P103>2</P103>')).port, undefined);
  t.is((await account('<P103>0</P103><P47>pbx.example.net:5070</P47>')).port, 5070);
});

test('codecs come in the order of the choices, each once', async (t) => {
  t.deepEqual((await account('<P46>123</P46><P57>8</P57><P58>0</P58><P59>9</P59><P60>8</P60>')).codecs, [
    'pcma',
    'pcmu',
    'g722',
    'opus',
  ]);
  const { warnings } = await read(grandstream(LINE, '<P57>18</P57><P58>8</P58><P59>97</P59>'));
  t.deepEqual(warnings, ['account 1: we have no codec g729, ilbc']);
});

test('a user with its domain, and times in minutes', async (t) => {
  const alice = await account('<P35>alice@pbx.example.net</P35>', '<P32>0</P32>');
  t.deepEqual([alice.user, alice.domain, alice.expires], ['alice', 'pbx.example.net', undefined]);
  const { value } = await read(
    grandstream(
      '<P193>60</P193><P212>2</P212><P237>prov.example.net/gs</P237><P207>192.0.2.9:514</P207><P208>2</P208>',
    ),
  );
  t.deepEqual(value, {
    provisioning: { url: 'https://prov.example.net/gs', interval: 3600 },
    syslog: { server: '192.0.2.9:514', level: 'info' },
  });
});

test('minutes between two questions count only where they are chosen', async (t) => {
  t.deepEqual((await read(grandstream('<P194>1</P194><P193>30</P193>'))).value, {
    provisioning: { interval: 1800 },
  });
  t.deepEqual((await read(grandstream('<P194>2</P194><P193>30</P193>'))).value, {});
});

test('calls are taken from the server alone where the file says so', async (t) => {
  for (const element of ['<P243>1</P243>', '<P2347>1</P2347>', '<P277>1</P277>']) {
    t.deepEqual((await read(grandstream(element))).value.security, { acceptFrom: 'known' });
  }
  t.is((await read(grandstream('<P243>0</P243><P277>0</P277>'))).value.security, undefined);
});

test('a transport or SRTP mode that is not understood refuses the file', async (t) => {
  t.is(await refusal(grandstream(LINE, '<P130>7</P130>')), 'P130: expected one of 0, 1, 2');
  t.is(await refusal(grandstream(LINE, '<P183>x</P183>')), 'P183: expected one of 0, 1, 2, 3');
});

test('a time zone in POSIX’s words is taken where it is exactly one of the database', async (t) => {
  t.deepEqual((await read(grandstream('<P64>CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00</P64>'))).value, {
    time: { zone: 'Europe/Brussels' },
  });
  const { value, warnings } = await read(grandstream('<P64>CET-1CEST-2,M4.1.0,M10.5.0</P64>'));
  t.deepEqual(value, {});
  t.regex(warnings.join(), /^P64: "CET-1CEST-2,M4.1.0,M10.5.0" is not understood/);
});

test('different dial plans of two accounts are told, the first counts', async (t) => {
  const { value, warnings } = await read(
    grandstream(LINE, '<P290>{xxx}</P290><P402>pbx.example.net</P402><P404>2</P404><P459>{x+}</P459>'),
  );
  t.deepEqual(value.dial, { map: '(xxx)' });
  t.regex(warnings.join(), /different dial plans/);
});
