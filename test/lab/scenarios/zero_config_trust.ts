/** The life of a telephone that has its configuration: news, an old file, a bad one, strangers who name themselves its server, and the end of all servers. */
import { writeFileSync } from 'node:fs';
import { inUrl } from '../home.ts';
import { startDhcp, startRogueDhcp } from '../peers/dhcp.ts';
import { DOMAIN } from '../peers/registrar.ts';
import { WebServer } from '../peers/web.ts';
import { account, DESK, type Find, House, OFFICE, ownFile } from './zero_config_house.ts';
import { DeskPhone, talk } from './zero_config_phone.ts';

const CLIENT = new URL('../client.ts', import.meta.url).pathname;
/** Seconds that a new configuration has to register; five minutes where nobody says so. */
const TRIAL = ['--trial', '5'];
const NEW = '2026-11-20.3';

interface Life {
  readonly house: House;
  readonly desk: DeskPhone;
  readonly file: string;
  readonly find: Find;
}

export async function trust(find: Find): Promise<void> {
  await using house = await House.build('dual');
  const dhcp = await startDhcp(house.home, { lines: [`dhcp-option=option6:59,"${house.url('h/')}"`] });
  const unplugged = await house.home.unplugged('desk');
  const file = `h/${unplugged.mac}.json`;
  house.web.put(file, ownFile('2026-11-20.2'));
  await house.home.plug(unplugged, 'written down');
  const desk = DeskPhone.unpack(house.home, unplugged, TRIAL);
  await desk.registered();
  const life = { house, desk, file, find };
  await news(life);
  await replay(life);
  await badFile(life);
  await rogue(life);
  await movedServer(life);
  await serverDown(life);
  await Promise.all([dhcp.stop(), house.registrar.stop()]);
  await nobodyLeft(life);
}

/** The registrar passes on what says that there is something new. */
async function news({ house, desk, file, find }: Life): Promise<void> {
  house.web.put(file, ownFile(NEW, { name: 'New' }));
  const began = Date.now();
  const sent = await checkSync(house);
  const said = await desk.says(new RegExp(`configuration ${NEW} .* is good`)).catch(why);
  const ms = typeof said === 'string' ? said : `${said.time - began} ms`;
  const { version } = (await desk.registered()).provisioning ?? {};
  find(
    'check-sync from the registrar: fetched anew, and good',
    version === NEW,
    `${sent}, in force after ${ms}`,
  );
}

async function checkSync(house: House): Promise<string> {
  const { home } = house;
  const to = home.address(6);
  const file = home.path('notify');
  const us = `${inUrl(to)}:5070`;
  const lines = [
    `NOTIFY sip:${DESK}@${DOMAIN} SIP/2.0`,
    `Via: SIP/2.0/UDP ${us};branch=z9hG4bKnews;rport`,
    'Max-Forwards: 70',
    `From: <sip:pbx@${DOMAIN}>;tag=news`,
    `To: <sip:${DESK}@${DOMAIN}>`,
    'Call-ID: news',
    'CSeq: 1 NOTIFY',
    `Contact: <sip:${us}>`,
    'Event: check-sync',
    'Content-Length: 0',
  ];
  writeFileSync(file, `${lines.join('\r\n')}\r\n\r\n`);
  const client = home.run(process.execPath, [CLIENT, 'udp', to, '5060', '4000', '', file]);
  await client.exit(8000);
  return client.output.split('\r\n', 1)[0] ?? '';
}

/** What was fetched before comes again, as from somebody who has kept it. */
async function replay({ house, desk, file, find }: Life): Promise<void> {
  house.web.put(file, ownFile('2026-11-20.1', { accounts: [account('666')] }));
  await desk.restart('SIGTERM', TRIAL);
  const shown = await desk.shows(/Settings refused/).catch(why);
  const said = desk.said(/older than/)?.text ?? 'nothing in the log';
  const { provisioning, accounts } = await desk.registered();
  const good = provisioning?.version === NEW && /older/.test(provisioning.refused ?? '');
  find(
    'a replayed old configuration is refused',
    good && isOurs(accounts) && !isWhy(shown),
    `${said}; display: ${shown}`,
  );
}

/** A wrong password: nothing registers. */
async function badFile({ house, desk, file, find }: Life): Promise<void> {
  house.web.put(file, ownFile('2026-11-20.4', { accounts: [{ ...account(DESK), password: 'wrong' }] }));
  await desk.restart('SIGTERM', TRIAL);
  await desk.says(/2026-11-20\.4 .* is on trial/);
  const began = Date.now();
  const shown = await desk.shows(/Settings undone/, 15_000).catch(why);
  const said = desk.said(/did not register within/)?.text ?? 'nothing in the log';
  const { provisioning } = await desk.registered();
  const good = provisioning?.version === NEW && provisioning.givenUp === 1;
  find(
    'a configuration that does not register is rolled back',
    good && !isWhy(shown),
    `${said}; registered again after ${Date.now() - began} ms; display: ${shown}`,
  );
}

/** A second DHCP server, with a web server of its own that has a file for everybody. */
async function rogue({ house, desk, file, find }: Life): Promise<void> {
  const { home } = house;
  house.web.put(file, ownFile(NEW, { name: 'New' }));
  const host = await home.host('rogue');
  const machine = { run: host.run.bind(host), addresses: [host.ipv6, host.ipv4] };
  const web = await WebServer.start(machine, home.path('rogue-web'));
  web.put(file, ownFile('2026-11-21.1', { accounts: [account('666')] }));
  const url = `https://${inUrl(host.ipv6)}/h/`;
  const dhcp = await startRogueDhcp(home, host, [
    `dhcp-option=option6:59,"${url}"`,
    `dhcp-option=66,"${url}"`,
  ]);
  await desk.restart('SIGTERM', TRIAL);
  const shown = await desk.shows(/Server change/).catch(why);
  const said = desk.said(/wants to be our server/)?.text ?? 'nothing in the log';
  const { provisioning, accounts } = await desk.registered();
  const good = (provisioning?.changes ?? 0) > 0 && web.asked.length === 0 && isOurs(accounts);
  find(
    'a rogue DHCP server names another server: nobody asks it',
    good && !isWhy(shown),
    `${said}; asked ${web.asked.length} times; display: ${shown}`,
  );
  await Promise.all([dhcp.stop(), web.stop()]);
}

/** The same address, another machine. */
async function movedServer({ house, desk, file, find }: Life): Promise<void> {
  await house.web.withNewKey();
  house.web.put(file, ownFile('2026-11-21.2', { accounts: [account('666')] }));
  await desk.restart('SIGTERM', TRIAL);
  const shown = await desk.shows(/Server change/).catch(why);
  const said = desk.said(/another key/)?.text ?? 'nothing in the log';
  const { provisioning, accounts } = await desk.registered();
  const good = provisioning?.version === NEW && /another key/.test(provisioning.refused ?? '');
  const asked = house.web.asked.length;
  find(
    'a server with another key at the same place is told nothing',
    good && isOurs(accounts) && asked === 0 && !isWhy(shown),
    `${said}; asked ${asked} times; display: ${shown}`,
  );
}

/** The plug is pulled while the web server is away. */
async function serverDown({ house, desk, find }: Life): Promise<void> {
  await house.web.stop();
  const began = Date.now();
  await desk.restart('SIGKILL', TRIAL);
  const { provisioning, accounts } = await desk.registered();
  find(
    'with its server down the telephone starts with what was good last',
    provisioning?.version === NEW && isOurs(accounts),
    `${provisioning?.version} registered ${Date.now() - began} ms after its start`,
  );
}

/** The power comes back in the house, and no server with it. */
async function nobodyLeft({ house, desk, find }: Life): Promise<void> {
  await Promise.all([desk.restart('SIGKILL', TRIAL), house.restartOffice()]);
  const { office } = house;
  for (const [from, to, number] of [
    [desk, office, OFFICE],
    [office, desk, DESK],
  ] as const) {
    const knows = async () =>
      (await from.status()).neighbours.some(({ extension, fresh }) => fresh && extension === number) ||
      undefined;
    await from.until(`it knows ${number}`, knows, 10_000);
    const call = await talk(from, to, number);
    const name = from === desk ? 'the desk' : 'the office';
    const way = typeof call === 'string' ? call : `${call.signalling?.family}, sound ${call.media?.family}`;
    find(
      `with all servers dead ${name} calls its neighbour`,
      typeof call !== 'string',
      `${number} over ${way}`,
    );
  }
}

function isOurs(accounts: readonly { readonly aor: string }[]): boolean {
  return accounts.length === 1 && accounts[0]?.aor.includes(`${DESK}@`) === true;
}

const FAILED = 'waited';

function why(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? FAILED) : String(error);
}

function isWhy(text: string): boolean {
  return text.startsWith(FAILED);
}
