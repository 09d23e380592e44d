/** Damaged files: the reader survives all of them, and takes a file whole or not at all. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type ReadFile, type RefusedFile, readProvisioned } from '#provisioning/formats/read_file.ts';
import { checkConfig } from '#provisioning/read.ts';
import { isMapping } from '#provisioning/schema_shape.ts';
import { mutations } from '../../support/mutate.ts';
import { octets, WHOLE } from './files.ts';

const ROOT = process.env.DUALTONE_VECTORS ?? new URL('../../../../shared/vectors/', import.meta.url).pathname;
const FOLDER = `${ROOT}/field/provisioning`;

/** Whole files of each format, and those of real servers where they lie beside the checkout. */
const REAL = existsSync(FOLDER) ? readdirSync(FOLDER).map((name) => readFileSync(`${FOLDER}/${name}`)) : [];
const SEEDS: readonly Uint8Array[] = [...Object.values(WHOLE).map(octets), ...REAL];

const ROUNDS = 10;
const PER_ROUND = 10_500;

/** Refused with one line and nothing else, or a configuration that the schema takes. */
function judge(t: ExecutionContext, result: ReadFile | RefusedFile, input: string): void {
  if ('error' in result) {
    const whole = Object.keys(result).length === 1 && result.error !== '' && !result.error.includes('\n');
    if (!whole || result.error === 'the file cannot be read') t.fail(`${result.error}: ${input}`);
    return;
  }
  const accounts = Array.isArray(result.value.accounts) ? result.value.accounts.filter(isMapping) : [];
  // Another file may bring the registrar.
  const complete = accounts.map((account) => ({ domain: 'invalid', ...account }));
  const checked = checkConfig({ ...result.value, accounts: complete });
  if ('error' in checked) t.fail(`${checked.error}: ${input}`);
}

for (let round = 1; round <= ROUNDS; round += 1) {
  test.serial(
    `${PER_ROUND} damaged files are each read whole or refused whole (${round} of ${ROUNDS})`,
    async (t) => {
      let [read, refused] = [0, 0];
      for (const damaged of mutations(SEEDS, PER_ROUND, round)) {
        const result = await readProvisioned(damaged);
        if ('error' in result) refused += 1;
        else read += 1;
        judge(t, result, Buffer.from(damaged).toString('base64'));
      }
      t.true(read > 1000 && refused > 1000, `${read} read, ${refused} refused`);
    },
  );
}

test('no text and no octets of anybody’s break the reader', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }).map(octets), fc.uint8Array()), async (any) => {
      judge(t, await readProvisioned(any), Buffer.from(any).toString('base64'));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

const value = fc
  .string({ unit: fc.constantFrom(...'aZ09 ."\'=#:;@%<>&[]{}|\\/*+-,'), minLength: 1, maxLength: 20 })
  .map((text) => text.trim());

test('a password comes out of each format as it went in, whatever it holds', async (t) => {
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const line = /^account\.1\.password = .*$/m;
  await fc.assert(
    fc.asyncProperty(
      value.filter((text) => text !== '' && text !== '%NULL%'),
      async (password) => {
        const files = [
          WHOLE.yealink.replace(line, () => `account.1.password = ${password}`),
          WHOLE.snom.replace('s&amp;cret', () => escaped(password)),
          WHOLE.grandstream.replace('secret', () => escaped(password)),
          WHOLE.cisco.replace('secret', () => escaped(password)),
          WHOLE.fanvil.replace('secret', () => escaped(password)),
        ];
        for (const file of files) {
          const result = await readProvisioned(octets(file));
          if ('error' in result) return t.fail(result.error);
          t.is((result.value.accounts as { password: string }[])[0]?.password, password);
          t.deepEqual(result.warnings, []);
        }
      },
    ),
    { numRuns: 500 },
  );
});
