/** The admin page's server put together: certificate, owner, site and listener. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { split } from '../access.ts';
import { readPage } from '../files.ts';
import { OwnNames } from '../host.ts';
import { refusal, send } from './answers.ts';
import { CertificateFile, type Identity } from './certificate_file.ts';
import { fingerprintOf, type Names } from './certificate_renewal.ts';
import { Listener, PARTING, type Scope } from './listener.ts';
import { MetricsDoor, type MetricsSource } from './metrics_door.ts';
import { Owner } from './owner.ts';
import { Place, type Wanted } from './place.ts';
import { AdminSite, BASE } from './site.ts';
import type { AdminControl } from './types.ts';

export interface AdminOptions extends Wanted {
  readonly control: AdminControl;
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
  /** Goes where another configuration wants it, and takes sessions along. Rejects with WebError where it cannot, and stays. */
  follow(wanted: Wanted): Promise<void>;
  /** Tells whoever looks on that there is no page any more, and closes when they had time to hear it. */
  retire(): Promise<void>;
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
  const place = new Place(options, () => options.hasScreen || owner.claimed);
  const site = new AdminSite({
    ...{ control, owner, log, files: readPage(options.pageDir) },
    ...(options.clock && { clock: options.clock }),
    fingerprint: () => fingerprintOf(identity.certificate),
    claimed: () => void place.claimed().catch((error) => log('warn', String(error))),
  });
  const metrics = new MetricsDoor(options.metrics, options.clock ?? (() => performance.now()));
  const listener = await Listener.open({
    port: options.port,
    more: options.morePorts ?? 0,
    scope: place.scope,
    identity,
    handle: (request, response, scope) => {
      if (metrics.handle(request, response)) return;
      // Who is connected from before a move is at the port of then.
      const port = request.socket.localPort ?? listener.port;
      const names = { port, defaultPort: 443, names: options.names().dnsNames };
      if (!new OwnNames({ ...names, everywhere: scope === 'everywhere' }).include(request)) {
        return send(response, refusal(403, 'foreign', 'This host name is not one of the telephone.'));
      }
      if (split(request.url ?? '')[0] === '/') return send(response, GO_ON);
      void site.handle(request, response, { secure: true, port, formerPorts: place.ports });
    },
  });
  place.take(listener);
  const look = async (): Promise<void> => {
    const now: Identity = await certificates.for(allNames(options.names()));
    if (now !== identity) listener.renew(now);
    identity = now;
  };
  const looking = setInterval(() => void look(), LOOK_EVERY).unref();
  const close = async (): Promise<void> => {
    clearInterval(looking);
    site.close();
    await listener.close();
  };
  return {
    site,
    get port() {
      return listener.port;
    },
    get url() {
      return `https://localhost:${listener.port}/`;
    },
    fingerprint: () => fingerprintOf(identity.certificate),
    scope: () => listener.scope,
    follow: async (wanted) => {
      if (await place.follow(wanted)) site.moved({ port: listener.port, scope: listener.scope });
    },
    retire: async () => {
      site.moved(null);
      await new Promise((resolve) => setTimeout(resolve, PARTING));
      await close();
    },
    close,
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
