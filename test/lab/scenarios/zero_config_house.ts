/** A home with its PBX, its web server, and a telephone in the office that somebody has configured by hand. */
import type { PeerProcess } from '../../support/process.ts';
import { secret } from '../../support/secrets.ts';
import { Home, inUrl, type Kind } from '../home.ts';
import { Lab } from '../lab.ts';
import { DOMAIN, PASSWORD, registrarRecords, startRegistrar } from '../peers/registrar.ts';
import { WebServer } from '../peers/web.ts';
import { startPhone } from '../phone.ts';
import { DeskPhone } from './zero_config_phone.ts';

/** What the office can be called by. */
export const OFFICE = '201';
export const DESK = '204';
/** Of RFC 6011. */
export const SERVICE = 'cs.lab';

export interface Finding {
  readonly what: string;
  readonly good: boolean;
  readonly seen: string;
}

export type Find = (what: string, good: boolean, seen: string) => void;

export class House implements AsyncDisposable {
  readonly home: Home;
  readonly web: WebServer;
  readonly registrar: PeerProcess;
  readonly office: DeskPhone;
  readonly #lab: Lab;

  private constructor(lab: Lab, parts: Pick<House, 'home' | 'web' | 'registrar' | 'office'>) {
    this.#lab = lab;
    this.home = parts.home;
    this.web = parts.web;
    this.registrar = parts.registrar;
    this.office = parts.office;
  }

  static async build(kind: Kind): Promise<House> {
    const lab = await Lab.create();
    try {
      const home = await Home.build(lab, kind);
      const [family] = home.families;
      const service = `"!^.*$!https://${inUrl(home.address(family ?? 4))}/sfua!"`;
      await lab.dns([...registrarRecords(home), `${SERVICE}. 60 IN NAPTR 10 10 "u" "SFUA.CFG" ${service} .`]);
      const [web, registrar, host] = [
        await WebServer.start(home, home.path('web'), [SERVICE]),
        await startRegistrar(home),
        await home.host('office'),
      ];
      host.setResolvers(home.resolvers);
      const process = await startPhone(lab, host, OFFICE_CONFIG());
      const office = new DeskPhone(home, { host, mac: '', index: host.number }, process);
      return new House(lab, { home, web, registrar, office });
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of the web server, IPv6 where the home has it. */
  url(path: string, family = this.home.families[0] ?? 4): string {
    return `https://${inUrl(this.home.address(family))}/${path}`;
  }

  /** The plug of the office is pulled and put in again. */
  async restartOffice(): Promise<void> {
    const { process, unplugged } = this.office;
    process.kill('SIGKILL');
    await process.exit(5000);
    this.office.process = await startPhone(this.#lab, unplugged.host, OFFICE_CONFIG());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lab[Symbol.asyncDispose]();
  }
}

export function account(user: string): object {
  secret(PASSWORD, user);
  return { user, domain: DOMAIN, password: PASSWORD };
}

const OFFICE_CONFIG = () => ({
  ...{ name: 'Office', extension: OFFICE, accounts: [account(OFFICE)] },
  neighbours: { mode: 'auto' },
});

/** A file of ours, as a PBX would write it. */
export function ownFile(version: string, more: object = {}): string {
  return JSON.stringify({
    ...{ schema: 'dualtone.config/1', version, name: 'Desk', extension: DESK, accounts: [account(DESK)] },
    audio: { input: 'tone:600' },
    ...more,
  });
}

/** The same as a PBX writes it for a Yealink telephone. */
export const YEALINK_FILE = [
  '#!version:1.0.0.1',
  'account.1.enable = 1',
  'account.1.label = Desk',
  'account.1.display_name = Desk',
  `account.1.auth_name = ${DESK}`,
  `account.1.user_name = ${DESK}`,
  `account.1.password = ${PASSWORD}`,
  `account.1.sip_server.1.address = ${DOMAIN}`,
  'account.1.sip_server.1.port = 5060',
  '',
].join('\n');
