import test from 'ava';
import { compatFileNames } from '#provisioning/formats/file_names.ts';
import type { FileFormat } from '#provisioning/types.ts';

const MAC = 'DC:A6:32:01:02:03';
const namesOf = (format: FileFormat, model?: string) =>
  compatFileNames(format, { mac: MAC, ...(model !== undefined && { model }) }).map(({ name }) => name);

test('each maker’s files are asked for in that maker’s order', (t) => {
  t.deepEqual(namesOf('dualtone'), ['dca632010203.json']);
  t.deepEqual(namesOf('yealink', 'T46S'), [
    'dca632010203.boot',
    'y000000000000.boot',
    'y000000000066.cfg',
    'dca632010203.cfg',
  ]);
  t.is(namesOf('yealink', 'SIP-T46U')[2], 'y000000000108.cfg');
  t.deepEqual(namesOf('snom', '710'), ['snom710-DCA632010203.htm', 'DCA632010203.xml']);
  t.deepEqual(namesOf('grandstream', 'GXP2135'), ['cfgdca632010203.xml', 'cfggxp2135.xml', 'cfg.xml']);
  t.deepEqual(namesOf('cisco-spa', '504G'), ['spa504G.cfg', 'dca632010203.xml']);
  t.deepEqual(namesOf('fanvil'), ['dca632010203.cfg']);
});

test('without a model, or with one that its maker does not know, the files named after models are left out', (t) => {
  t.deepEqual(namesOf('yealink', 'pi-desk'), ['dca632010203.boot', 'y000000000000.boot', 'dca632010203.cfg']);
  t.deepEqual(namesOf('snom'), ['DCA632010203.xml']);
  t.deepEqual(namesOf('snom', '../../etc/passwd'), ['DCA632010203.xml']);
});

test('a .boot file stops Yealink from asking for the others, a common file does not', (t) => {
  const stops = compatFileNames('yealink', { mac: MAC, model: 'T54W' }).map(({ stops }) => stops);
  t.deepEqual(stops, [true, true, false, true]);
});

test('what is no MAC address names no file', (t) => {
  for (const mac of ['', 'dca6320102', '../dca632010203', 'dca632010203/..']) {
    t.deepEqual(compatFileNames('yealink', { mac }), []);
  }
});
