/**
 * The data partition is full before the first start: the rest of the card helps. It is filled while the telephone runs: it calls and
 * says so, also when it is started anew, until there is room. Another card has a data partition that nobody can read: the telephone
 * calls without a memory, and what a person laid on the card stays there.
 */
import { FIRMWARE } from '../../../image/qemu/card.ts';
import { expect, PATIENCE, Stand } from '../stand.ts';

type Say = (text: string) => void;

const BEGIN = `exec >/dev/console 2>/dev/null
ask() { dualtone "$@" --data /data/dualtone 2>&1 | tr '\\n' '|'; }`;
/** To the last octet. */
const FILL = `n=0
while [ $n -lt 20 ]; do
  fallocate -l "$(df --output=avail -B1 /data | tail -1)" "/data/fill.$n" || true
  n=$((n + 1))
done
for size in 65536 4096 512; do
  dd if=/dev/zero of=/data/fill.dd bs=$size oflag=append conv=notrunc || true
done
sync
echo "FILLED $(df --output=used,avail -k /data | tail -1)"
`;
/** What it says of itself, and a call. */
const ASK = `echo "STATUS $(ask status)"
echo "CALL $(ask dial '*41')"
sleep 2
echo "CALLS $(ask calls)"
ask hangup >/dev/null
`;
const FULL = 'until ask status --json | grep -q \'"state":"full","free"\'; do sleep 2; done';
/** Filled while it runs; started anew without room; then there is some. */
const LOOK = `${BEGIN}
until ask status --json | grep -q '"state":"ok","free"'; do sleep 2; done
${FILL}
${FULL}
${ASK}
echo "LOG $(journalctl -u dualtone -o cat | grep 'is full' | tail -1)"
systemctl restart dualtone
${FULL}
${ASK}
rm /data/fill.*
until ask status --json | grep -q '"state":"ok","free"'; do sleep 2; done
echo "ROOM"
`;

/** What it says and does without a memory. */
const UNREADABLE = `${BEGIN}
until ask status --json | grep -q '"state":"volatile","free"'; do sleep 2; done
${ASK}
`;
const NAMED = 'name: Kitchen\n';

export async function story(say: Say): Promise<readonly string[]> {
  return [...(await filledMeanwhile(say)), ...(await unreadable(say))];
}

async function unreadable(say: Say): Promise<readonly string[]> {
  const stand = new Stand(say);
  const { card } = stand;
  stand.look(UNREADABLE);
  card.write(FIRMWARE, 'dualtone.yaml', NAMED);
  card.breakData();
  try {
    const said = hearing(stand, say);
    await stand.ready();
    const answers = await asked(said);
    await stand.cut();
    return [
      ...told('a data partition that cannot be read', answers, /its card keeps nothing/),
      expect(card.read(FIRMWARE, 'dualtone.yaml')?.toString() === NAMED, 'its drop file stays on the card'),
    ];
  } finally {
    await stand.end();
  }
}

/** Turns it on. */
function hearing(stand: Stand, say: Say): (what: RegExp) => Promise<string> {
  const machine = stand.power();
  return async (what) => {
    const line = await machine.line(what, PATIENCE);
    say(line.slice(0, 200));
    return line;
  };
}

async function filledMeanwhile(say: Say): Promise<readonly string[]> {
  const stand = new Stand(say);
  const { card } = stand;
  card.fillData();
  stand.look(LOOK);
  try {
    const said = hearing(stand, say);
    await stand.ready();
    const filled = await said(/^FILLED \d+ +\d+/);
    const first = await asked(said);
    const log = await said(/^LOG/);
    const again = await asked(said);
    await said(/^ROOM/);
    return [
      'no room before the first start: there is some on the rest of the card',
      expect(/ 0$/.test(filled), `nothing is left of the data partition: ${filled}`),
      ...told('filled while it runs', first),
      expect(/is full/.test(log), `its log: ${log.slice(0, 160)}`),
      ...told('started anew without room', again),
      'when there is room again, status says so',
    ];
  } finally {
    await stand.end();
  }
}

type Answers = Readonly<Record<'STATUS' | 'CALL' | 'CALLS', string>>;

async function asked(said: (what: RegExp) => Promise<string>): Promise<Answers> {
  return {
    STATUS: await said(/^STATUS/),
    CALL: await said(/^CALL /),
    CALLS: await said(/^CALLS/),
  };
}

function told(
  when: string,
  { STATUS, CALL, CALLS }: Answers,
  what = /data directory is full/,
): readonly string[] {
  return [
    expect(what.test(STATUS), `${when}: dualtone status says it`),
    expect(/Echo test: talking/.test(CALL + CALLS), `${when}: the echo test answers (${CALLS})`),
  ];
}
