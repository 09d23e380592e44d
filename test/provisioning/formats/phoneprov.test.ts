/** Our template for Asterisk's res_phoneprov: rendered by the rules of its substitution, and read back. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { mergeLayers } from '#provisioning/layers.ts';
import { read } from './files.ts';

const FOLDER = new URL('../../../provisioning/templates/asterisk/', import.meta.url).pathname;
const template = readFileSync(`${FOLDER}dualtone.json.tmpl`, 'utf8');
const profile = readFileSync(`${FOLDER}phoneprov.conf`, 'utf8');

type Variables = Readonly<Record<string, string>>;

/** Functions of Asterisk's func_strings that our templates use. */
const FUNCTIONS: Readonly<Record<string, (argument: string) => string>> = {
  QUOTE: (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`,
  TOLOWER: (text) => text.toLowerCase(),
};

/** `${NAME}` and `${FUNCTION(…)}`, from inside out; what is put in is not looked at again. An unknown name is empty. */
function rendered(text: string, variables: Variables): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    if (!text.startsWith('${', at)) {
      out += text[at];
      at += 1;
      continue;
    }
    const end = closing(text, at + 2);
    out += evaluated(text.slice(at + 2, end), variables);
    at = end + 1;
  }
  return out;
}

/** Index of the brace that closes the one before `from`. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('a brace is not closed');
}

function evaluated(expression: string, variables: Variables): string {
  const [, name, argument = ''] = /^([A-Z_]+)\((.*)\)$/s.exec(expression) ?? [];
  if (name === undefined) return variables[expression] ?? '';
  const run = FUNCTIONS[name];
  if (run === undefined) throw new Error(`no function ${name}`);
  return run(rendered(argument, variables));
}

const VARIABLES = {
  MAC: 'DCA632010203',
  ENDPOINT_ID: '0204',
  USERNAME: '0204',
  SECRET: 's3"cr\\et# {x}',
  DISPLAY_NAME: 'Kü "che"',
  SERVER: '192.0.2.10',
};

test('the file is named after the MAC as we ask for it', (t) => {
  const [, name = ''] = /^(\$\{TOLOWER.*) =>/m.exec(profile) ?? [];
  t.is(rendered(name, VARIABLES), 'dca632010203.json');
});

test('what Asterisk renders is a configuration of ours', async (t) => {
  const { format, value, warnings, unknown } = await read(rendered(template, VARIABLES));
  t.deepEqual([format, warnings, unknown], ['dualtone', [], []]);
  const { config, refused } = mergeLayers([{ origin: 'server device', from: 'asterisk', value }]);
  t.deepEqual(refused, []);
  t.is(config.name, 'Kü "che"');
  const [account] = config.accounts;
  t.deepEqual(
    {
      user: account?.user,
      authUser: account?.authUser,
      password: account?.password,
      domain: account?.domain,
    },
    { user: '0204', authUser: '0204', password: 's3"cr\\et# {x}', domain: '192.0.2.10' },
  );
});

test('passwords of any characters come through the template, and a missing name does no harm', async (t) => {
  const text = fc.string({
    unit: fc.constantFrom(...'aZ09 "\\#:{}$%*&<>[]\'`,'),
    minLength: 1,
    maxLength: 24,
  });
  await fc.assert(
    fc.asyncProperty(text, async (SECRET) => {
      const { value } = await read(rendered(template, { ...VARIABLES, SECRET, DISPLAY_NAME: '' }));
      t.is((value.accounts as { password: string }[])[0]?.password, SECRET);
    }),
    { numRuns: 500 },
  );
});
