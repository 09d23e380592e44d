/** The ports at which the telephone is called, for the firewall of its card (image/device/usr/lib/dualtone/ports). */
import type { Config } from '#provisioning/schema.ts';

/** A line for each set of the rules: its name, and ports or a range of them. */
export function openPorts({ net, admin }: Pick<Config, 'net' | 'admin'>): string {
  const sets = {
    sip: `${net.sipPort},${net.tlsPort}`,
    rtp: net.rtpPorts,
    tunnel: net.sixbed4.port,
    page: admin.port,
  };
  return Object.entries(sets)
    .map(([name, ports]) => `${name} ${ports}\n`)
    .join('');
}
