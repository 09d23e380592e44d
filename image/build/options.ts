/** The words of `npm run image -- …`. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKOUT, OUT } from './places.ts';

export interface Options {
  readonly relock: boolean;
  readonly version: string;
  /** The owner's key and certificate; neither: a development pair. */
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
  /** A folder that is laid over the system: only its bundle is made. */
  readonly variant?: string | undefined;
  /** Where what is made goes. */
  readonly out: string;
  readonly help: boolean;
}

export const USAGE = `npm run image [-- WORDS]       writes image/out/dualtone.img, .img.xz, .bmap, .raucb and sizes.json
  --key FILE --cert FILE       sign updates with the owner's key (PEM); without: a development pair, made once
  --relock                     take today's versions of Debian's packages into image/packages.lock
  --version X                  another version than package.json's
  --variant DIR [--out DIR]    lay DIR over the system, and make only a bundle of it
`;

/** As telephones and RAUC compare them (firmware/update/version.ts): of another one none would take an update. */
const VERSION =
  /^(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){0,2}(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

const own = (): string => JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')).version;

/** Throws an Error for words that are not known, or miss each other. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      relock: { type: 'boolean', default: false },
      version: { type: 'string' },
      key: { type: 'string' },
      cert: { type: 'string' },
      variant: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (!values.key !== !values.cert) throw new Error('--key and --cert belong together');
  if (values.version !== undefined && !VERSION.test(values.version))
    throw new Error(`--version ${values.version}: wants X, X.Y or X.Y.Z, then -PRE or +BUILD if you like`);
  const file = (name: string | undefined) => (name === undefined ? undefined : resolve(name));
  return {
    ...values,
    key: file(values.key),
    cert: file(values.cert),
    variant: file(values.variant),
    out: resolve(values.out ?? OUT),
    version: values.version ?? own(),
  };
}
