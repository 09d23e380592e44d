/**
 * What the readers of all formats share: settings looked up by meaning and understood, or told. What decides where and
 * how safely an account registers must be understood, or the file is refused; of the rest the default stays.
 */
import { hostAndPort } from '../schema_values.ts';
import { shown, type Warn } from './compose.ts';
import { type TranslatedPlan, translatedPlan } from './dial_plan.ts';
import type { AccountDraft } from './draft.ts';
import { FormatError } from './format_error.ts';
import type { Meaning } from './keymap_table.ts';
import { countryNamed, languageNamed } from './places.ts';
import type { Settings } from './settings.ts';
import { numbersIn, onOff, type Server, serverFrom, wholeNumber } from './values.ts';

export class LookUp {
  readonly settings: Settings;
  readonly warn: Warn;

  constructor(settings: Settings, warn: Warn) {
    this.settings = settings;
    this.warn = warn;
  }

  text(meaning: Meaning, account?: number): string | undefined {
    return this.settings.text(meaning, account);
  }

  /** The default stays where `understood` tells undefined. */
  get<T>(meaning: Meaning, understood: (text: string) => T | undefined, account?: number): T | undefined {
    const setting = this.settings.find(meaning, account);
    if (setting === undefined) return undefined;
    const value = understood(setting.value);
    if (value === undefined)
      this.warn(`${setting.name}: "${shown(setting.value)}" is not understood: left out`);
    return value;
  }

  /** Throws `FormatError` where `understood` tells undefined. */
  demand<T>(
    meaning: Meaning,
    understood: (text: string) => T | undefined,
    expected: string,
    account?: number,
  ): T | undefined {
    const setting = this.settings.find(meaning, account);
    if (setting === undefined) return undefined;
    const value = understood(setting.value);
    if (value === undefined) throw new FormatError(`${setting.name}: expected ${expected}`);
    return value;
  }

  /** One of a vendor's codes. */
  code<T>(meaning: Meaning, codes: Readonly<Record<string, T>>, account?: number): T | undefined {
    const code = (text: string) => (Object.hasOwn(codes, text) ? codes[text] : undefined);
    return this.demand(meaning, code, `one of ${Object.keys(codes).join(', ')}`, account);
  }

  onOff(meaning: Meaning, account?: number): boolean | undefined {
    return this.get(meaning, onOff, account);
  }

  enabled(account: number): boolean | undefined {
    return this.demand('accounts[].enabled', onOff, 'on or off', account);
  }

  /** Whose account it is, if it is one: each maker has a setting for each of these. */
  owner(account: number): Pick<AccountDraft, 'enabled' | 'user' | 'authUser' | 'password' | 'displayName'> {
    return {
      enabled: this.enabled(account),
      user: this.text('accounts[].user', account),
      authUser: this.text('accounts[].authUser', account),
      password: this.text('accounts[].password', account),
      displayName: this.text('accounts[].displayName', account),
    };
  }

  number(meaning: Meaning, account?: number): number | undefined {
    return this.get(meaning, wholeNumber, account);
  }

  /** A host with or without a port. */
  server(meaning: Meaning, account?: number): Server | undefined {
    return this.demand(meaning, serverFrom, 'a host, with or without a port', account);
  }

  /** 0 is no port: SRV finds it. */
  port(meaning: Meaning, account?: number): number | undefined {
    const inRange = (text: string) => {
      const port = wholeNumber(text);
      return port !== undefined && port <= 65_535 ? port : undefined;
    };
    return this.demand(meaning, inRange, 'a port', account) || undefined;
  }

  country(): string | undefined {
    return this.get('country', (text) => (/^custom$/i.test(text) ? undefined : countryNamed(text)));
  }

  language(): string | undefined {
    return this.get('language', languageNamed);
  }

  emergency(): readonly string[] | undefined {
    return this.get('dial.emergency', (text) => {
      const numbers = numbersIn(text);
      return numbers.length === 0 ? undefined : numbers;
    });
  }

  timeServers(): readonly string[] | undefined {
    const servers = this.settings.all('time.servers').flatMap(({ name, value }) =>
      value.split(/[\s,;]+/).flatMap((host) => {
        if (hostAndPort(host)?.port === undefined && hostAndPort(host) !== undefined) return [host];
        this.warn(`${name}: "${shown(host)}" is no host: left out`);
        return [];
      }),
    );
    return servers.length === 0 ? undefined : [...new Set(servers)];
  }

  /** A dial plan of one of the vendors' forms. */
  plan(meaning: Meaning, form: Parameters<typeof translatedPlan>[0], account?: number): string | undefined {
    const setting = this.settings.find(meaning, account);
    if (setting === undefined) return undefined;
    const plan: TranslatedPlan = translatedPlan(form, setting.value);
    if ('map' in plan) return plan.map;
    this.warn(`${setting.name}: the dial plan is not used: ${plan.error}`);
    return undefined;
  }

  /** The telephone has one map; a second plan that says something else is told. */
  planOfAccounts(form: Parameters<typeof translatedPlan>[0]): string | undefined {
    const plans = this.settings.accounts.flatMap((account) => {
      if (this.enabled(account) === false) return [];
      const map = this.plan('accounts[].dial.map', form, account);
      return map === undefined ? [] : [map];
    });
    const [first] = plans;
    if (plans.some((plan) => plan !== first)) {
      this.warn('the accounts have different dial plans: that of the first counts for all');
    }
    return first;
  }

  provisioningUrl(address: (text: string) => string): string | undefined {
    const setting = this.settings.find('provisioning.url');
    if (setting === undefined) return undefined;
    const url = address(setting.value);
    const [, authority = ''] = /^(?:https?|tftp):\/\/([^/?#\s]+)(?:[/?#]\S*)?$/i.exec(url) ?? [];
    const host = hostAndPort(authority.replace(/^.*@/, ''));
    if (host !== undefined && url.length <= 2048) return url;
    // Not shown: it may hold a password.
    this.warn(`${setting.name}: no address that can be asked: left out`);
    return undefined;
  }

  /** Seconds, inside the schema's limits. */
  interval(seconds: number | undefined): number | undefined {
    return seconds === undefined || seconds === 0 ? undefined : Math.min(2_592_000, Math.max(60, seconds));
  }

  rtpPorts(): string | undefined {
    const [first, last] = [this.number('net.rtpPorts first'), this.number('net.rtpPorts last')];
    if (first === undefined || last === undefined) return undefined;
    const possible = first >= 1024 && last <= 65_535 && first + (first % 2) + 1 <= last;
    if (!possible) this.warn(`RTP ports ${first} to ${last}: no range that can be used: left out`);
    return possible ? `${first}-${last}` : undefined;
  }

  /** `accounts`, `time.zone`: what of our schema the file keeps from its user. */
  locked(): readonly string[] {
    const keys = this.settings.locked.map((meaning) => {
      const [key = ''] = meaning.split(' ');
      return key.startsWith('accounts[]') ? 'accounts' : key;
    });
    return [...new Set(keys)];
  }
}
