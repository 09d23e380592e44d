/**
 * DNS as this system has it: its hosts file, its name servers or those of the configuration. Loaded with the first
 * name that is looked up; who talks to addresses only never pays for it.
 */
import { DnsClient } from './client.ts';
import { HostsFile } from './hosts.ts';
import { Resolvers } from './resolvers.ts';

export interface SystemDns {
  readonly ask: DnsClient['ask'];
  /** Another value than before: the name servers have changed. A look costs little. */
  readonly servers: Resolvers['current'];
  /** Of resolv.conf; absent: none. */
  readonly searchDomains?: readonly string[];
  close(): void;
}

/** @param configured addresses of name servers; empty: the system's */
export function systemDns(configured: readonly string[]): SystemDns {
  const resolvers = new Resolvers(configured);
  const hosts = new HostsFile();
  const client = new DnsClient({
    servers: () => resolvers.current,
    hosts: (question) => hosts.answer(question),
  });
  return {
    ask: (question) => client.ask(question),
    get servers() {
      return resolvers.current;
    },
    get searchDomains() {
      return resolvers.searchDomains;
    },
    close: () => client.close(),
  };
}
