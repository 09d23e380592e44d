/**
 * Which URLs are asked for, given the one that discovery found.
 *
 *     https://pbx.example/prov/      a base: our own file, then those of the makers in `compat`
 *     https://pbx.example/{mac}.xml  a file name or a macro: exactly that
 *     by RFC 6011                    exactly that, with the query of RFC 6011 2.3.2
 *     pbx.example                    a server alone: a base, secure first
 */
import { compatFileNames } from '../formats/file_names.ts';
import { type DeviceIdentity, instanceUuid } from '../identity.ts';
import type { Candidate, FileFormat, Origin } from '../types.ts';
import { expandMacros, hasMacro } from './macros.ts';

export interface PlannedFile {
  /** Absolute; without user and password, which stand in `Plan`. */
  readonly url: string;
  readonly layer: Extract<Origin, 'server common' | 'server device'>;
  /** Once this file is there, those behind it in its group are not asked for. */
  readonly stops: boolean;
  /** It is one of several names: that it is not there is normal, and not told. */
  readonly quiet: boolean;
}

/** Files that belong together; the first group of which one file is there is the configuration. */
export type FileGroup = readonly PlannedFile[];

export interface Plan {
  readonly groups: readonly FileGroup[];
  /** What stood before the host in the URL: for its server only. */
  readonly login?: { readonly user: string; readonly password: string };
}

export interface PlanOptions {
  readonly identity: DeviceIdentity;
  /** Makers whose file names are tried below a base. */
  readonly compat: readonly FileFormat[];
  /** The user of the configuration service (RFC 6011 2.3.2.1). */
  readonly user?: string;
}

const SCHEMES = ['https:', 'http:', 'tftp:'];

/** undefined: this is no URL that anything can be fetched from. */
export function planOf(candidate: Pick<Candidate, 'url' | 'domain'>, options: PlanOptions): Plan | undefined {
  const text = candidate.url.trim();
  const bare = !/^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const [first, ...more] = (bare ? [`https://${text}`, `http://${text}`] : [text]).flatMap(
    (url) => planOne(url, candidate.domain !== undefined, options) ?? [],
  );
  return first && { ...first, groups: [first, ...more].flatMap(({ groups }) => groups) };
}

/** `service`: it is a configuration service's (RFC 6011), also when it is asked again as the pinned one. */
function planOne(text: string, service: boolean, options: PlanOptions): Plan | undefined {
  const url = URL.parse(expandMacros(text, options.identity));
  if (url === null || !SCHEMES.includes(url.protocol) || url.host === '') return undefined;
  // Of tftp the parser knows no root.
  if (url.pathname === '') url.pathname = '/';
  const login = { user: decoded(url.username), password: decoded(url.password) };
  Object.assign(url, { username: '', password: '', hash: '' });
  const groups = groupsOf(url, { ...options, service, own: hasMacro(text) });
  return login.user === '' ? { groups } : { groups, login };
}

function groupsOf(
  url: URL,
  options: PlanOptions & { readonly service: boolean; readonly own: boolean },
): readonly FileGroup[] {
  const { service, own, identity, compat } = options;
  if (service) return [[exactly(withServiceQuery(url, options), 'server device')]];
  if (own || !url.pathname.endsWith('/') || url.search !== '')
    return [[exactly(url, own ? 'server device' : 'server common')]];
  const formats: FileFormat[] = ['dualtone', ...compat.filter((format) => format !== 'dualtone')];
  return formats.map((format) =>
    compatFileNames(format, { mac: identity.mac }).map(({ name, layer, stops }) => ({
      ...{ url: new URL(name, url).href, layer, stops },
      quiet: true,
    })),
  );
}

function exactly(url: URL, layer: PlannedFile['layer']): PlannedFile {
  return { url: url.href, layer, stops: true, quiet: false };
}

/** RFC 6011 2.3.2: what we have a value for, nothing else that begins with `sfua-`. */
function withServiceQuery(url: URL, { identity, user }: PlanOptions): URL {
  const parameters = [
    ['sfua-id', `urn:uuid:${instanceUuid(identity)}`],
    ['sfua-user', user],
    ['sfua-vendor', identity.vendor],
    ['sfua-model', identity.model],
    ['sfua-revision', identity.version],
  ] as const;
  const query = parameters.flatMap(([name, value]) =>
    value === undefined || value === ''
      ? []
      : `${name}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%40', '@')}`,
  );
  const asked = new URL(url);
  asked.search = [url.search.slice(1), ...query].filter((part) => part !== '').join('&');
  return asked;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
