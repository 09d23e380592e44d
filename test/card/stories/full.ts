/** A card without room: the telephone starts, calls, and says so; then room is made and taken while it runs. */
import { NO_WATCHDOG } from '../../../image/qemu/machine.ts';
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
/** Before the telephone starts. */
const BEFORE = `exec >/dev/console 2>/dev/null\n${FILL}`;
const ASK = `ask() { dualtone "$@" --data /data/dualtone 2>&1 | tr '\\n' '|'; }
until ask status | grep -q extension; do sleep 2; done
echo "STATUS $(ask status)"
echo "CALL $(ask dial '*41')"
sleep 2
echo "CALLS $(ask calls)"
ask hangup
`;
/** While it runs. */
const LOOK = `exec >/dev/console 2>&1
${ASK}
echo "LOG $(journalctl -u dualtone -o cat | grep 'is full' | tail -1)"
rm /data/fill.*
until ask status --json | grep -q '"state":"ok","free"'; do sleep 2; done
echo "ROOM"
${FILL}
until ask status --json | grep -q '"state":"full","free"'; do sleep 2; done
${ASK}
echo "DONE"
`;

const unit = (name: string, text: string): readonly string[] => [
  `systemd.set_credential_binary=systemd.extra-unit.${name}.service:${Buffer.from(text).toString('base64')}`,
  `systemd.wants=${name}.service`,
];
const EXTRA = [
  NO_WATCHDOG,
  ...unit('look', '[Unit]\nAfter=dualtone.service\n[Service]\nExecStart=/bin/sh /data/look.sh\n'),
  ...unit(
    'fill',
    '[Unit]\nAfter=data.mount\nBefore=dualtone.service\n[Service]\nType=oneshot\nExecStart=/bin/sh /data/fill.sh\n',
  ),
];

export async function story(say: Say): Promise<readonly string[]> {
  const stand = new Stand(say);
  const { card } = stand;
  // It has been started before: nothing grows any more.
  card.growData();
  card.tellKernel(EXTRA.join(' '));
  card.putData('look.sh', LOOK);
  card.putData('fill.sh', BEFORE);
  try {
    const machine = stand.power();
    const said = async (what: RegExp): Promise<string> => {
      const line = await machine.line(what, PATIENCE);
      say(line.slice(0, 200));
      return line;
    };
    const filled = await said(/^FILLED \d+ +\d+/);
    const { after } = await stand.ready();
    const first = await asked(said);
    const log = await said(/^LOG/);
    await said(/^ROOM/);
    await said(/^FILLED/);
    const again = await asked(said);
    await said(/^DONE/);
    await stand.cut();
    return [
      expect(
        / 0$/.test(filled),
        `nothing is left of the data partition before the telephone starts: ${filled}`,
      ),
      expect(after > 0, `it starts all the same, ${after} s after the kernel`),
      ...told('full from the start', first),
      expect(/is full/.test(log), `its log: ${log.slice(0, 160)}`),
      'when there is room again, status says so',
      ...told('filled while it runs', again),
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
    expect(/\*41/.test(CALL) && /\*41.*talking/.test(CALLS), `${when}: the echo test answers (${CALLS})`),
  ];
}
