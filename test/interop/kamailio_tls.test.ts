/** Two of our phones at one Kamailio over TLS, one over IPv4 and one over IPv6: registered, called, understood. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Authority } from '../net/certificates.ts';
import { needing } from '../support/needs.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { toneIn } from '../support/wav_tone.ts';
import { hasTls, startKamailio } from './peers/kamailio.ts';

const PBX = 15_410;
const PBX_TLS = 15_411;
const authority = new Authority();
test.after.always(() => authority.remove());

const withTls: ReturnType<typeof needing> = hasTls()
  ? needing('kamailio')
  : (title, body) =>
      test.skip(`${title} (needs TLS of Kamailio: apt-get install kamailio-tls-modules)`, body);

interface Person {
  readonly user: string;
  readonly port: number;
  readonly proxy: string;
  readonly tone: number;
}

const ALICE: Person = { user: 'alice', port: 15_130, proxy: 'sips:127.0.0.1', tone: 440 };
const BOB: Person = { user: 'bob', port: 15_132, proxy: 'sip:[::1]', tone: 600 };

function phoneOf(directory: string, { user, port, proxy, tone }: Person, more = {}): Promise<PhoneProcess> {
  const transport = proxy.startsWith('sips') ? '' : ';transport=tls';
  const account = {
    ...{ user, domain: 'pbx.test', password: 's3cret' },
    outboundProxy: `${proxy}:${PBX_TLS}${transport};lr`,
  };
  const first = 17_400 + (port - ALICE.port) * 20;
  const net = { sipPort: port, rtpPorts: `${first}-${first + 20}`, tlsCa: authority.file };
  const audio = { input: `tone:${tone}`, output: `file:${join(directory, user, 'heard.wav')}` };
  return PhoneProcess.start(join(directory, user), { accounts: [account], net, audio, ...more });
}

withTls('calls go over TLS through Kamailio from IPv4 to IPv6 and back, both hear the other', async (t) => {
  t.timeout(60_000);
  const directory = scratch('kamailio-tls');
  const named = authority.issue({ names: 'URI:sip:pbx.test,IP:127.0.0.1,IP:::1' });
  const kamailio = await startKamailio({ directory, port: PBX, tls: { port: PBX_TLS, ...named } });
  t.teardown(() => kamailio.stop());
  const [alice, bob] = [await phoneOf(directory, ALICE), await phoneOf(directory, BOB)];
  t.teardown(() => Promise.all([alice.stop(), bob.stop()]));
  for (const [phone, family] of [
    [alice, 'ipv4'],
    [bob, 'ipv6'],
  ] as const) {
    const [account] = (await phone.registered()).accounts;
    t.like(account, { transport: 'tls', family, state: 'registered' });
  }
  for (const [caller, called, name] of [
    [alice, bob, 'bob'],
    [bob, alice, 'alice'],
  ] as const) {
    t.is((await caller.verb('dial', `sip:${name}@pbx.test`)).code, 0);
    await called.call('ringing');
    await called.verb('answer');
    const { signalling } = await caller.call('talking');
    t.is(signalling?.transport, 'tls');
    await sleep(1_500);
    t.is((await caller.verb('hangup')).code, 0);
    // The BYE goes by the route set, where Kamailio names itself by its address.
    t.is((await called.call('ended')).state, 'ended');
    t.is((await caller.call('ended')).state, 'ended');
  }
  for (const [phone, hz] of [
    [alice, BOB.tone],
    [bob, ALICE.tone],
  ] as const)
    t.true(toneIn(phone.heard, hz).seconds > 0.5);
});

withTls('a certificate for somebody else is said in the status, and nothing is sent', async (t) => {
  const directory = scratch('kamailio-tls');
  const named = authority.issue({ names: 'URI:sip:other.test' });
  const kamailio = await startKamailio({ directory, port: PBX, tls: { port: PBX_TLS, ...named } });
  t.teardown(() => kamailio.stop());
  const alice = await phoneOf(directory, ALICE);
  t.teardown(() => alice.stop());
  const error = await until('the registration fails', async () => {
    const [account] = (await alice.status()).accounts;
    return account?.state === 'failed' && (account.error ?? undefined);
  });
  t.regex(error, /certificate is for other\.test, not for 127\.0\.0\.1/);
});
