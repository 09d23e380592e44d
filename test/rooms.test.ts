/** Who may import whom: the table of ARCHITECTURE.md, held against every import in the tree. */
import { globSync, readFileSync } from 'node:fs';
import test from 'ava';

const ROOMS: Record<string, string> = {
  main: 'firmware/main.ts',
  telephone: 'firmware/telephone/',
  cli: 'firmware/cli/',
  agent: 'firmware/agent/',
  phone: 'firmware/phone/',
  sip: 'firmware/sip/',
  sdp: 'firmware/sdp/',
  address: 'firmware/address/',
  media: 'firmware/media/',
  engine: 'firmware/engine/',
  net: 'firmware/net/',
  mdns: 'firmware/mdns/',
  neighbours: 'firmware/neighbours/',
  fleet: 'firmware/fleet/',
  update: 'firmware/update/',
  socket6bed4: 'firmware/socket6bed4/',
  router6bed4: 'firmware/router6bed4/',
  web: 'firmware/web/',
  hal: 'hal/',
  'provisioning/sources': 'provisioning/sources/',
  'provisioning/store': 'provisioning/store/',
  provisioning: 'provisioning/',
};

/** For each room the rooms whose doors it may use. `room:types` allows `import type` only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  main: ['telephone'],
  telephone: Object.keys(ROOMS),
  cli: ['phone:types', 'provisioning', 'router6bed4'],
  agent: [
    'phone',
    'sip',
    'sdp',
    'net',
    'address',
    'mdns',
    'neighbours',
    'media:types',
    'hal:types',
    'provisioning:types',
  ],
  phone: ['sip', 'sdp', 'media', 'address', 'hal:types'],
  sip: ['address'],
  sdp: ['address'],
  address: [],
  media: ['address'],
  engine: ['media', 'net', 'hal', 'address', 'socket6bed4'],
  net: ['sip', 'address'],
  mdns: ['address'],
  neighbours: ['mdns', 'address'],
  fleet: ['net', 'address', 'phone:types'],
  update: ['phone:types'],
  socket6bed4: [],
  router6bed4: ['socket6bed4', 'net'],
  web: ['phone:types', 'hal:types', 'provisioning:types'],
  hal: [],
  'provisioning/sources': ['provisioning', 'mdns', 'sip', 'net', 'address'],
  'provisioning/store': ['provisioning'],
  provisioning: ['address'],
};

const PURE = ['phone', 'sip', 'sdp', 'address', 'media', 'mdns', 'neighbours', 'update'];
/** Folders of other rooms that are as pure. */
const PURE_FOLDERS = [
  'hal/parts/',
  'firmware/socket6bed4/peer/',
  'provisioning/formats/',
  'provisioning/discovery/',
  'provisioning/fetch/',
  'provisioning/lifecycle/',
];
const isPure = (file: string): boolean =>
  PURE.includes(roomOf(file) ?? '') || PURE_FOLDERS.some((folder) => file.startsWith(folder));
const PURE_MAY_USE = ['node:crypto', 'node:buffer'];
const IMPORT =
  /^(?:import|export)\s(type\s)?[^;'"]*?(?:from\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

interface Import {
  readonly file: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS).find((room) => path === ROOMS[room] || path.startsWith(`${ROOMS[room]}`));
}

const files = globSync('{firmware,hal,provisioning}/**/*.{ts,tsx}', {
  exclude: (path) => path.includes('node_modules') || path.includes('dist'),
}).sort();

const imports: readonly Import[] = files.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, type, named, dynamic]) => ({
    file,
    to: named ?? dynamic ?? '',
    typeOnly: type !== undefined,
  })),
);

test('every source file lies in a room', (t) => {
  t.true(files.length > 0);
  t.deepEqual(
    files.filter((file) => roomOf(file) === undefined),
    [],
  );
});

test('a room imports only the rooms it may see', (t) => {
  const wrong = imports.filter(({ file, to, typeOnly }) => {
    if (!to.startsWith('#')) return false;
    const from = roomOf(file) ?? '';
    const target = Object.keys(ROOMS).find((room) => to.startsWith(`#${room}/`)) ?? '';
    const allowed = MAY_IMPORT[from] ?? [];
    return from !== target && !allowed.includes(target) && !(typeOnly && allowed.includes(`${target}:types`));
  });
  t.deepEqual(wrong, []);
});

test('a relative import never leaves its room', (t) => {
  const wrong = imports.filter(({ file, to }) => {
    if (!to.startsWith('.') || roomOf(file) === 'main') return false;
    const reached = new URL(to, `file:///${file}`).pathname.slice(1);
    return roomOf(reached) !== roomOf(file);
  });
  t.deepEqual(wrong, []);
});

test('a pure room or folder uses nothing of Node but crypto and buffer', (t) => {
  const wrong = imports.filter(
    ({ file, to }) => isPure(file) && to.startsWith('node:') && !PURE_MAY_USE.includes(to),
  );
  t.deepEqual(wrong, []);
});

test('a pure room or folder never reads the clock or rolls dice', (t) => {
  const forbidden =
    /\bDate\.now\(|\bnew Date\(\)|performance\.now\(|Math\.random\(|\brandomBytes\b|\brandomUUID\b|\bsetTimeout\(|\bsetInterval\(/;
  const wrong = files.filter(
    (file) =>
      isPure(file) && forbidden.test(readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
  );
  t.deepEqual(wrong, []);
});
