/** avahi-daemon on a host of the laboratory, with a message bus of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PeerProcess, until } from '../../support/process.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';

/** What is published: a name, a type, a port and texts. */
export interface Published {
  readonly name: string;
  readonly type: string;
  readonly port: number;
  readonly texts: readonly string[];
}

export class Avahi {
  readonly #host: Pick<Host, 'name' | 'run'>;
  readonly #env: NodeJS.ProcessEnv;
  readonly daemon: PeerProcess;

  private constructor(host: Pick<Host, 'name' | 'run'>, env: NodeJS.ProcessEnv, daemon: PeerProcess) {
    this.#host = host;
    this.#env = env;
    this.daemon = daemon;
  }

  static async start(lab: Pick<Lab, 'directory'>, host: Pick<Host, 'name' | 'run'>): Promise<Avahi> {
    const folder = join(lab.directory, `${host.name}-avahi`);
    mkdirSync(folder);
    const bus = `unix:path=${folder}/bus`;
    writeFileSync(join(folder, 'bus.conf'), busConfig(bus));
    const conf = `[server]\nhost-name=${host.name}\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\npublish-workstation=no\n`;
    writeFileSync(join(folder, 'avahi.conf'), conf);
    const broker = host.run('dbus-daemon', [
      '--nofork',
      `--config-file=${folder}/bus.conf`,
      '--print-address',
    ]);
    await until(
      'the bus is there',
      () => broker.output.includes('unix:'),
      5000,
      () => broker.output,
    );
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: bus };
    // Its pid file is at a fixed place; each daemon gets a place of its own there.
    const start = [
      'mkdir -p /run/avahi-daemon',
      'mount -t tmpfs none /run/avahi-daemon',
      `exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f ${folder}/avahi.conf`,
    ].join(' && ');
    const daemon = host.run('sh', ['-c', start], env);
    const ready = () => /Server startup complete/.test(daemon.output);
    await until('avahi is ready', ready, 10_000, () => daemon.output);
    return new Avahi(host, env, daemon);
  }

  /** What it finds of a type, one line each, resolved: `=;eth0;IPv6;name;type;local;host;address;port;texts`. */
  async browse(type: string): Promise<readonly string[]> {
    const browser = this.#host.run('avahi-browse', ['-p', '-r', '-t', type], this.#env);
    await browser.exit(15_000);
    return browser.output.split('\n').filter((line) => line.startsWith('='));
  }

  /** Until the process is stopped. */
  async publish({ name, type, port, texts }: Published): Promise<PeerProcess> {
    const publisher = this.#host.run('avahi-publish', ['-s', name, type, String(port), ...texts], this.#env);
    const established = () => publisher.output.includes('Established');
    await until('it is published', established, 8000, () => publisher.output);
    return publisher;
  }
}

function busConfig(bus: string): string {
  return [
    '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"',
    ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">',
    `<busconfig><type>system</type><listen>${bus}</listen><auth>EXTERNAL</auth>`,
    '<policy context="default"><allow own="*"/><allow send_destination="*" eavesdrop="true"/>',
    '<allow eavesdrop="true"/><allow user="*"/></policy></busconfig>',
  ].join('\n');
}
