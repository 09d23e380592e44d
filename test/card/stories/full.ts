/** The data partition is filled while the telephone runs: it calls and says so, also when it is started anew, until there is room. */
import { expect, PATIENCE, Stand } from '../stand.ts';

type Say = (text: string) => void;

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
const LOOK = `exec >/dev/console 2>/dev/null
ask() { dualtone "$@" --data /data/dualtone 2>&1 | tr '\\n' '|'; }
until ask status | grep -q extension; do sleep 2; done
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

export async function story(say: Say): Promise<readonly string[]> {
  const stand = new Stand(say);
  const { card } = stand;
  // It has been started before: nothing grows any more.
  card.growData();
  card.putData('look.sh', LOOK);
  try {
    const machine = stand.power();
    const said = async (what: RegExp): Promise<string> => {
      const line = await machine.line(what, PATIENCE);
      say(line.slice(0, 200));
      return line;
    };
    await stand.ready();
    const filled = await said(/^FILLED \d+ +\d+/);
    const first = await asked(said);
    const log = await said(/^LOG/);
    const again = await asked(said);
    await said(/^ROOM/);
    return [
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

function told(when: string, { STATUS, CALL, CALLS }: Answers): readonly string[] {
  return [
    expect(/data directory is full/.test(STATUS), `${when}: dualtone status says it`),
    expect(/Echo test: talking/.test(CALL + CALLS), `${when}: the echo test answers (${CALLS})`),
  ];
}
