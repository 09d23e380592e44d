/** What a channel says: `{"channel": "stable", "version": "1.2.3", "bundle": "dualtone-1.2.3.raucb"}`, at `update.url`. */
import { parseVersion, type Version } from './version.ts';

export interface Manifest {
  readonly channel: string;
  readonly version: string;
  readonly parsed: Version;
  /** https; relative to the manifest where it has no host. */
  readonly bundle: string;
}

/** The message says to people what is wrong with it. */
export class ManifestError extends Error {
  override name = 'ManifestError';
  readonly code = 'MANIFEST';
}

/** Octets. */
const LARGEST = 16_384;
/** Characters of one value, in what is said of it too. */
const LONGEST = 2048;

/**
 * Further keys are for later versions, and passed over. Throws a ManifestError.
 *
 * @param from the URL that it was fetched from
 */
export function parseManifest(octets: Uint8Array, from: string): Manifest {
  if (octets.length > LARGEST) throw new ManifestError(`the manifest has more than ${LARGEST} octets`);
  const said = mappingOf(octets);
  const version = textOf(said, 'version');
  const parsed = parseVersion(version);
  if (parsed === undefined) throw new ManifestError('the manifest\'s "version" is none, such as 1.2.3');
  return {
    channel: textOf(said, 'channel'),
    version,
    parsed,
    bundle: bundleOf(textOf(said, 'bundle'), from),
  };
}

function mappingOf(octets: Uint8Array): Readonly<Record<string, unknown>> {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch {
    throw new ManifestError('the manifest is no JSON');
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new ManifestError('the manifest is no mapping');
  return { ...said };
}

function textOf(said: Readonly<Record<string, unknown>>, key: string): string {
  const value = said[key];
  if (typeof value !== 'string' || value === '' || value.length > LONGEST)
    throw new ManifestError(`the manifest lacks "${key}", a text`);
  return value;
}

function bundleOf(text: string, from: string): string {
  const url = URL.canParse(text, from) ? new URL(text, from) : undefined;
  // RAUC would stream it by http too: its signature keeps, but anybody on the way could see and withhold it.
  if (url?.protocol !== 'https:') throw new ManifestError('the manifest\'s "bundle" is no https URL');
  if (url.username !== '' || url.password !== '')
    throw new ManifestError('the manifest\'s "bundle" holds a password');
  return url.href;
}
