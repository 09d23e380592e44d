/** What a person lays on the first partition: taken, told, and gone from there. */
import { FIRMWARE } from '../../../image/qemu/card.ts';
import { expect, Stand } from '../stand.ts';

const SECRET = 'vijf-keer-raden';
const GOOD = `name: Kitchen
accounts:
  - {user: alice, domain: pbx.example, password: ${SECRET}}
`;
const MALFORMED = 'name: Kitchen\ncountry: [NL\n';
const YEALINK = `#!version:1.0.0.1
account.1.enable = 1
account.1.user_name = bob
account.1.auth_name = bob
account.1.password = ${SECRET}
account.1.sip_server.1.address = pbx.example
`;

type Say = (text: string) => void;

/** One start with a file on the card; what the first partition holds when the telephone has told of it. */
async function start(say: Say, name: string, text: string, isTaken: (stand: Stand) => Promise<unknown>) {
  say(name);
  const stand = new Stand(say);
  try {
    stand.card.write(FIRMWARE, name, text);
    stand.power();
    const { after } = await stand.ready();
    await isTaken(stand);
    await stand.cut();
    return {
      after,
      names: stand.card.names(FIRMWARE),
      error: stand.card.read(FIRMWARE, 'dualtone.error.txt')?.toString() ?? '',
      // Wherever it may be: a file that is no more has left its octets.
      hasSecret: stand.card.octets(FIRMWARE).includes(SECRET),
    };
  } finally {
    await stand.end();
  }
}

const aorIs = (aor: string) => async (stand: Stand) => {
  await stand.status(({ accounts }) => accounts?.[0]?.aor.includes(aor) === true, `${aor} has an account`);
  await stand.machine.line(/STATUS/, 60);
};

export async function story(say: Say): Promise<readonly string[]> {
  const good = await start(say, 'dualtone.yaml', GOOD, aorIs('alice@pbx.example'));
  const malformed = await start(say, 'dualtone.yaml', MALFORMED, (stand) =>
    stand.status(({ extension }) => typeof extension === 'string', 'the telephone works'),
  );
  const yealink = await start(say, 'dualtone.cfg', YEALINK, aorIs('bob@pbx.example'));
  return [
    expect(
      !good.hasSecret,
      `a good drop file is taken; its secret is nowhere on its partition (${good.names.join(' ')})`,
    ),
    expect(
      good.names.some((name) => name.endsWith('.applied')),
      'what was applied stands there',
    ),
    expect(
      /^dualtone\.yaml: .* line 3\b/.test(malformed.error),
      `a malformed one leaves the reason with file and line: ${malformed.error.trim()}`,
    ),
    expect(!yealink.hasSecret, 'a file of Yealink is taken, its secret gone'),
  ];
}
