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
    const names = stand.card.names(FIRMWARE);
    const all = names.map((each) => stand.card.read(FIRMWARE, each)?.toString('latin1') ?? '');
    return { after, names, text: all.join('\n') };
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
  const error = /dualtone[^\n]*error\.txt/i;
  return [
    expect(
      !good.text.includes(SECRET),
      `a good drop file is taken; its secret is gone from the card (${good.names.join(' ')})`,
    ),
    expect(
      good.names.some((name) => name.endsWith('.applied')),
      'what was applied stands there',
    ),
    expect(
      malformed.names.some((name) => error.test(name)),
      `a malformed one leaves the reason (${malformed.names.join(' ')})`,
    ),
    expect(/line 3|:3|3:/.test(malformed.text), 'with the line'),
    expect(!yealink.text.includes(SECRET), 'a file of Yealink is taken, its secret gone'),
  ];
}
