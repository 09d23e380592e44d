/** The admin page's server put together: certificate, owner, site and listener. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { split } from '../access.ts';
import { readPage } from '../files.ts';
import { OwnNames } from '../host.ts';
import { refusal, send } from './answers.ts';
import { CertificateFile, type Identity } from './certificate_file.ts';
import { fingerprintOf, type Names } from './certificate_renewal.ts';
import { Listener, type Scope } from './listener.ts';
import { MetricsDoor, type MetricsSource } from './metrics_door.ts';
import { Owner } from './owner.ts';
import { AdminSite, BASE } from './site.ts';
import type { AdminControl } from './types.ts';

export interface AdminOptions {
  readonly control: AdminControl;
  /** Of the configuration; `off` starts nothing. */
  readonly listen: 'auto' | 'loopback';
  /** 0 takes a free one. */
  readonly port: number;
  /** So many ports after it are tried when it is taken. */
  readonly morePorts?: number;
  /** The board has a screen that only those before it can read. */
  readonly hasScreen: boolean;
  /** The telephone's data directory. */
  readonly data: string;
  /** The page as Vite built it. */
  readonly pageDir: string;
  /** Of the telephone, for people: it stands in the certificate. */
  readonly name: string;
  /** Names and addresses at which the telephone can be reached now, besides those of loopback. */
  readonly names: () => Names;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** Absent: served to nobody. */
  readonly metrics?: MetricsSource;
  /** ms on a steady clock, for tests. */
  readonly clock?: () => number;
}

export interface Admin {
  /** For the handset's server on loopback, which shows the same below /admin/. */
  readonly site: AdminSite;
  readonly port: number;
  /** `https://localhost:8443/`. */
  readonly url: string;
  /** SHA-256 of the certificate. */
  fingerprint(): string;
  /** Where it listens now. */
  scope(): Scope;
  close(): Promise<void>;
}

/** Addresses change: so often the certificate is looked at again. ms */
const LOOK_EVERY = 60_000;

/** Throws WebError where the page is not built or no port can be had. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { control, log } = options;
  const directory = join(options.data, 'admin');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const owner = await Owner.read(directory);
  const certificates = new CertificateFile({ directory, commonName: options.name, log });
  let identity = await certificates.for(allNames(options.names()));
  let widening: Promise<void> | undefined;
  const site = new AdminSite({
    ...{ control, owner, log, files: readPage(options.pageDir) },
    ...(options.clock && { clock: options.clock }),
    fingerprint: () => fingerprintOf(identity.certificate),
    claimed: () => {
      if (options.listen === 'auto') widening = listener.widen().catch((error) => log('warn', String(error)));
    },
  });
  const metrics = new MetricsDoor(options.metrics, options.clock ?? (() => performance.now()));
  const listener = await Listener.open({
    port: options.port,
    more: options.morePorts ?? 0,
    scope: options.listen === 'auto' && (options.hasScreen || owner.claimed) ? 'everywhere' : 'loopback',
    identity,
    handle: (request, response, scope) => {
      if (metrics.handle(request, response)) return;
      const names = { port: listener.port, defaultPort: 443, names: options.names().dnsNames };
      if (!new OwnNames({ ...names, everywhere: scope === 'everywhere' }).include(request)) {
        return send(response, refusal(403, 'foreign', 'This host name is not one of the telephone.'));
      }
      if (split(request.url ?? '')[0] === '/') return send(response, GO_ON);
      void site.handle(request, response, { secure: true, port: listener.port });
    },
  });
  const look = async (): Promise<void> => {
    const now: Identity = await certificates.for(allNames(options.names()));
    if (now !== identity) listener.renew(now);
    identity = now;
  };
  const looking = setInterval(() => void look(), LOOK_EVERY).unref();
  return {
    site,
    port: listener.port,
    url: `https://localhost:${listener.port}/`,
    fingerprint: () => fingerprintOf(identity.certificate),
    scope: () => listener.scope,
    close: async () => {
      clearInterval(looking);
      site.close();
      await widening;
      await listener.close();
    },
  };
}

const GO_ON = { status: 303, headers: { Location: BASE }, body: '' };

function allNames({ dnsNames, addresses }: Names): Names {
  return {
    dnsNames: [
      'localhost',
      ...dnsNames.filter((name) => /^[a-z\d_](?:[a-z\d_.-]{0,251}[a-z\d])?$/i.test(name)),
    ],
    addresses: ['127.0.0.1', '::1', ...addresses],
  };
}
