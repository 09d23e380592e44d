#!/usr/bin/env node
// RAUC as busctl shows it, of one installation at a time: what it is asked lies in "asked", what it is in "rauc.json", in the
// directory FAKE_RAUC. A bundle is a JSON file {"version", "signature"}, or a URL that ends with its version; the hash of
// its manifest is that of both.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , , , , ...words] = process.argv;
const folder = process.env.FAKE_RAUC ?? '.';
const file = join(folder, 'rauc.json');
const before = readFileSync(file, 'utf8');
const rauc = JSON.parse(before);
const [verb, , , , method, ...rest] = words;
appendFileSync(join(folder, 'asked'), `${[verb, method, ...rest].join(' ')}\n`);
const other = rauc.booted === 'a' ? 'b' : 'a';
const text = (data) => ({ type: 's', data });
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const bundleOf = (source) =>
  source.startsWith('https:')
    ? { version: /([\d.]+)\.raucb$/.exec(source)?.[1], signature: 'ours' }
    : JSON.parse(readFileSync(source, 'utf8'));
const hashOf = ({ version, signature }) =>
  createHash('sha256').update(`${version} ${signature}`).digest('hex');

if (verb === 'get-property') {
  if (rauc.installing !== undefined) rauc.installing.polls += 1;
  if (rauc.installing?.polls > 3) {
    const { version, signature, ignore } = rauc.installing;
    if (signature !== 'ours') rauc.error = 'signature verification failed: self-signed certificate';
    else if (version < rauc.limit && !ignore) rauc.error = `bundle version ${version} is below ${rauc.limit}`;
    else
      Object.assign(rauc, {
        versions: { ...rauc.versions, [other]: version },
        hashes: { ...rauc.hashes, [other]: hashOf(rauc.installing) },
      });
    delete rauc.installing;
  }
  const { installing, error } = rauc;
  say(text(installing ? 'installing' : 'idle'));
  say({ type: '(isi)', data: [installing ? installing.polls * 25 : 100, 'Copying image', 1] });
  say(text(error));
} else if (method === 'GetSlotStatus') {
  const slot = (name, index) => [
    `rootfs.${index}`,
    {
      bootname: text(name.toUpperCase()),
      state: text(name === rauc.booted ? 'booted' : 'inactive'),
      'boot-status': text(rauc.good[name] ? 'good' : 'bad'),
      ...(rauc.versions[name] === undefined ? {} : { 'bundle.version': text(rauc.versions[name]) }),
      ...(rauc.hashes?.[name] === undefined ? {} : { 'bundle.hash': text(rauc.hashes[name]) }),
    },
  ];
  say({ type: 'a(sa{sv})', data: [['a', 'b'].map(slot)] });
} else if (method === 'Mark') {
  rauc.good[rauc.booted] = true;
  say({ type: 'ss', data: ['rootfs.0', 'marked'] });
} else if (method === 'InspectBundle' && bundleOf(rest[1]).signature !== 'ours') {
  process.stderr.write('Call failed: signature of inspected bundle is none of ours\n');
  process.exitCode = 1;
} else if (method === 'InspectBundle') {
  const bundle = bundleOf(rest[1]);
  const variant = { type: 'v', data: { type: 'a{sv}', data: { version: text(bundle.version) } } };
  say({ type: 'a{sv}', data: [{ update: variant, 'manifest-hash': text(hashOf(bundle)) }] });
} else if (method === 'InstallBundle' && rauc.installing !== undefined) {
  process.stderr.write('Call failed: Already processing a different method\n');
  process.exitCode = 1;
} else if (method === 'InstallBundle') {
  const bundle = bundleOf(rest[1]);
  rauc.good[other] = false;
  rauc.error = '';
  rauc.installing = { ...bundle, ignore: rest.includes('ignore-version-limit'), polls: 0 };
} else {
  process.stderr.write(`Call failed: no such method: ${method}\n`);
  process.exitCode = 1;
}
// Two may ask at the same time: who only asks writes nothing back.
const after = JSON.stringify(rauc);
if (after !== before) {
  // Whole or not at all: another one may read it now.
  writeFileSync(`${file}.${process.pid}`, after);
  renameSync(`${file}.${process.pid}`, file);
}
