/** Instances of services as they come together from PTR, SRV, TXT and addresses (RFC 6763). */
import type { Cache } from './cache.ts';
import { labelsOf } from './name.ts';
import { pairsOf } from './text.ts';

export interface Service {
  /** `_sipuri._udp.local` */
  readonly service: string;
  /** What it is called, `sip:204@dualtone-0203.local`. */
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly text: ReadonlyMap<string, string>;
  /** Canonical text, without zones. */
  readonly addresses: readonly string[];
  /** ms: when it is no more, if nothing more is heard of it. */
  readonly until: number;
}

/** With the interface on which it was heard. */
export interface LinkService extends Service {
  readonly link: string;
}

/** Those of which all is known that is needed to reach them. */
export function servicesOf(services: readonly string[], cache: Cache): readonly Service[] {
  return services.flatMap((service) =>
    cache.get(service, 'PTR').flatMap(({ data }) => {
      const found = data.type === 'PTR' ? instanceOf(service, data.target, cache) : undefined;
      return found === undefined ? [] : [found];
    }),
  );
}

function instanceOf(service: string, name: string, cache: Cache): Service | undefined {
  const [srv] = cache.get(name, 'SRV').map(({ data }) => data);
  const [txt] = cache.get(name, 'TXT').map(({ data }) => data);
  const [instance = ''] = labelsOf(name);
  if (srv?.type !== 'SRV' || txt?.type !== 'TXT') return undefined;
  const { target: host, port } = srv;
  const records = [...cache.get(host, 'AAAA'), ...cache.get(host, 'A')];
  const addresses = records.flatMap(({ data }) => ('address' in data ? [data.address] : []));
  if (addresses.length === 0) return undefined;
  return {
    service,
    instance,
    host,
    port,
    text: pairsOf(txt.texts),
    addresses,
    until: cache.until(name, 'SRV'),
  };
}
