/** The machines of the agent, made from the configuration. */
import { Phone } from '#phone/phone.ts';
import { UserAgent } from '#sip/user_agent.ts';
import { phoneAccount, sipAccount } from './accounts.ts';
import type { AgentOptions } from './ports.ts';
import { randomToken } from './random.ts';

/** Of calls that no account carries: what is built, best first. */
const CODECS = ['pcma', 'pcmu'];

export function newPhone(options: AgentOptions, extension: string): Phone {
  const { config, country, rtpPorts, devices } = options;
  const { map, emergency, allow } = config.dial;
  return new Phone({
    ...country,
    accounts: config.accounts.map(phoneAccount),
    extension,
    name: config.name,
    ...(config.language === undefined ? {} : { language: config.language }),
    codecs: CODECS,
    rtpPorts,
    dial: { emergency, allow, ...(map === undefined ? {} : { map }) },
    contacts: config.contacts,
    audio: devices,
    random: Math.random,
  });
}

export function tlsOptions({ tlsPort, tlsCa, tlsCertificate, tlsKey }: AgentOptions['config']['net']) {
  return {
    port: tlsPort,
    ...(tlsCa === undefined ? {} : { caFile: tlsCa }),
    ...(tlsCertificate === undefined ? {} : { certificateFile: tlsCertificate }),
    ...(tlsKey === undefined ? {} : { keyFile: tlsKey }),
  };
}

export function newUserAgent(options: AgentOptions, extension: string): UserAgent {
  const { config, version, contactToken } = options;
  const reachability = options.reachability?.read();
  return new UserAgent({
    accounts: config.accounts.map(sipAccount),
    contactUser: contactToken,
    name: config.name,
    extension,
    random: randomToken,
    userAgent: `Dualtone/${version}`,
    admission: config.security,
    ...(reachability === undefined ? {} : { reachability }),
    ...(options.mayResync === undefined ? {} : { mayResync: options.mayResync }),
  });
}
