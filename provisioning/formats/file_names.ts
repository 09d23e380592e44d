/**
 * The names of the files that a telephone of each maker asks for below a base URL, in that maker's order. A PBX
 * that serves those telephones has one of them for ours.
 */
import type { FileFormat } from '../types.ts';

export interface CompatFile {
  readonly name: string;
  /** What of the configuration it is: for many telephones, or for this one. Merged in this order. */
  readonly layer: 'server common' | 'server device';
  /** Once this file is there, those behind it are not asked for. */
  readonly stops: boolean;
}

export interface Telephone {
  /** Twelve hexadecimal digits, with or without separators, in either case. */
  readonly mac: string;
  /** As the maker writes it: `T46S`, `D385`, `GXP2135`, `SPA504G`; absent: files named after a model are left out. */
  readonly model?: string;
}

/** What a file is named after. */
type Name = (mac: string, model: string) => string;

interface Row {
  readonly name: Name;
  readonly layer: CompatFile['layer'];
  readonly stops: boolean;
  readonly needsModel?: true;
}

/** The number in a Yealink file that all telephones of one model read. */
const YEALINK_MODELS: Readonly<Record<string, string>> = { T46S: '66', T42S: '67', T54W: '96', T46U: '108' };

const yealinkCommon = (model: string) => YEALINK_MODELS[model.toUpperCase().replace(/^SIP-/, '')];

const ROWS: Readonly<Record<FileFormat, readonly Row[]>> = {
  dualtone: [{ name: (mac) => `${mac}.json`, layer: 'server device', stops: true }],
  yealink: [
    // A .boot file names the files to fetch: where there is one, Yealink asks for none of the others.
    { name: (mac) => `${mac}.boot`, layer: 'server device', stops: true },
    { name: () => 'y000000000000.boot', layer: 'server common', stops: true },
    {
      name: (_, model) => `y${(yealinkCommon(model) ?? '').padStart(12, '0')}.cfg`,
      layer: 'server common',
      stops: false,
      needsModel: true,
    },
    { name: (mac) => `${mac}.cfg`, layer: 'server device', stops: true },
  ],
  snom: [
    {
      name: (mac, model) => `snom${model}-${mac.toUpperCase()}.htm`,
      layer: 'server device',
      stops: true,
      needsModel: true,
    },
    { name: (mac) => `${mac.toUpperCase()}.xml`, layer: 'server device', stops: true },
  ],
  // Before these it asks for cfg<mac> and cfg<mac>.bin: its binary form, which we do not read.
  grandstream: [
    { name: (mac) => `cfg${mac}.xml`, layer: 'server device', stops: true },
    {
      name: (_, model) => `cfg${model.toLowerCase()}.xml`,
      layer: 'server common',
      stops: true,
      needsModel: true,
    },
    { name: () => 'cfg.xml', layer: 'server common', stops: true },
  ],
  'cisco-spa': [
    { name: (_, model) => `spa${model}.cfg`, layer: 'server common', stops: false, needsModel: true },
    { name: (mac) => `${mac}.xml`, layer: 'server device', stops: true },
  ],
  fanvil: [{ name: (mac) => `${mac}.cfg`, layer: 'server device', stops: true }],
};

/** A model that may stand in a file's name. */
const MODEL = /^[A-Za-z0-9][\w.-]{0,31}$/;

/** The files to ask for, first to last; none if `mac` is no MAC address. Each name is safe in a URL's path. */
export function compatFileNames(format: FileFormat, { mac, model = '' }: Telephone): readonly CompatFile[] {
  const plain = mac.replace(/[:.-]/g, '').toLowerCase();
  if (!/^[\da-f]{12}$/.test(plain)) return [];
  const named = MODEL.test(model) && (format !== 'yealink' || yealinkCommon(model) !== undefined);
  return ROWS[format]
    .filter(({ needsModel }) => named || !needsModel)
    .map(({ name, layer, stops }) => ({ name: name(plain, model), layer, stops }));
}
