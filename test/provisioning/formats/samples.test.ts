/** Files as real provisioning servers write them. What a person finds in each was written down by hand. */
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { read } from './files.ts';

const ROOT = process.env.DUALTONE_VECTORS ?? new URL('../../../../shared/vectors/', import.meta.url).pathname;
const FOLDER = `${ROOT}/field/provisioning`;

/** Two lines with a second registrar: 1001 with its own name for the password, and 2002. */
const NTP = { servers: ['192.0.2.123'] };

const FOUND: Readonly<Record<string, { format: string; value: unknown }>> = {
  'plain-yealink-001565123456.cfg': {
    format: 'yealink',
    value: {
      language: 'en',
      country: 'GB',
      accounts: [
        ['1001', 'secret1001', { authUser: 'auth1001' }] as const,
        ['2002', 'pass2', {}] as const,
      ].map(([user, password, others]) => ({
        user,
        domain: '192.0.2.10',
        port: 5060,
        password,
        ...others,
        fallbacks: [{ domain: '192.0.2.11', port: 5062 }],
        srtp: 'off',
        codecs: ['g722', 'pcmu', 'pcma'],
        voicemail: '*98',
        mwi: { subscribe: true },
      })),
      security: { acceptFrom: 'known' },
      provisioning: { url: 'http://198.51.100.5:8667/' },
      syslog: { server: '192.0.2.99' },
      time: NTP,
    },
  },
  'plain-snom-000413AABBCC.xml': {
    format: 'snom',
    value: {
      // Identity 2 is written twice, as second registrar of 1001 and then as the line 2002: the later counts, so 1001
      // has lost its second registrar. Identity 3 is that of 2002.
      accounts: [
        {
          user: '1001',
          domain: '192.0.2.10',
          outboundProxy: 'sip:192.0.2.10:5060;lr',
          password: 'secret1001',
          authUser: 'auth1001',
          displayName: 'Desk One',
          srtp: 'off',
          codecs: ['pcma', 'pcmu', 'g722'],
          voicemail: '*98',
          mwi: { subscribe: true },
        },
        {
          user: '2002',
          domain: '192.0.2.10',
          outboundProxy: 'sip:192.0.2.10:5060;lr',
          fallbacks: [{ domain: '192.0.2.11' }],
          password: 'pass2',
          displayName: 'Second Line',
          srtp: 'off',
          codecs: ['pcma', 'pcmu', 'g722'],
          voicemail: '*98',
          mwi: { subscribe: true },
        },
      ],
      time: NTP,
      provisioning: { url: 'http://198.51.100.5:8667/', locked: ['time.servers', 'accounts'] },
    },
  },
  ...Object.fromEntries(
    ['plain-grandstream-cfg000b82123456.xml', 'plain-grandstream-ht801-cfg000b82654321.xml'].map((name) => [
      name,
      {
        format: 'grandstream',
        value: {
          // P35, the user, is the server's auth1001 here too.
          accounts: [
            ['auth1001', 'secret1001', 'Desk One'],
            ['2002', 'pass2', 'Second Line'],
          ].map(([user, password, displayName]) => ({
            user,
            domain: '192.0.2.10',
            password,
            displayName,
            fallbacks: [{ domain: '192.0.2.11' }],
            voicemail: '*98',
          })),
          dial: { map: '([*x]+)' },
          time: NTP,
        },
      },
    ]),
  ),
  'plain-cisco-spa-0002fd123456.xml': {
    format: 'cisco-spa',
    value: {
      name: 'Desk One',
      // The file itself says that the rest stands in a common one: the proxy does.
      accounts: [
        {
          user: '1001',
          password: 'secret1001',
          authUser: 'auth1001',
          displayName: 'Desk One',
          voicemail: '*98',
        },
        { user: '2002', password: 'pass2', displayName: 'Second Line', voicemail: '*98' },
      ],
      syslog: { server: '192.0.2.99:514' },
      time: NTP,
    },
  },
  'plain-fanvil-0c383e123456.cfg': {
    format: 'fanvil',
    value: {
      accounts: [
        ['1001', 'secret1001', '1001 Desk One'],
        ['2002', 'pass2', '2002 Second Line'],
      ].map(([user, password, displayName]) => ({
        user,
        domain: '192.0.2.10',
        port: 5060,
        password,
        displayName,
        fallbacks: [{ domain: '192.0.2.11', port: 5062 }],
        expires: 60,
        voicemail: '*98',
      })),
      net: { sipPort: 5060 },
      syslog: { server: '192.0.2.99:514' },
      time: NTP,
    },
  },
};

const SECRETS = ['secret1001', 'pass2', 'adminpw', 'userpw'];

for (const [name, found] of Object.entries(FOUND)) {
  const title = `${name} reads to the accounts that a person finds in it`;
  if (existsSync(`${FOLDER}/${name}`)) {
    test(title, async (t) => {
      const { format, value, unknown, unused, warnings } = await read(readFileSync(`${FOLDER}/${name}`));
      t.deepEqual({ format, value }, found as never);
      t.deepEqual(
        unknown.filter((key) => unused.includes(key)),
        [],
      );
      for (const secret of SECRETS) t.false(JSON.stringify([unknown, unused, warnings]).includes(secret));
    });
  } else {
    test.skip(`${title} (needs the vectors field/provisioning in ../shared/vectors or $DUALTONE_VECTORS)`, () => {});
  }
}
