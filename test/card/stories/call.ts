/**
 * The card in a house: by DHCP and router advertisements it finds its registrar (Kamailio), of which a drop file tells. SIPp calls it over
 * IPv6; its hook is a line of gpio-sim, its handset a sound card (snd-aloop) whose earpiece lies on its microphone: what SIPp
 * says comes back to it through the whole telephone.
 */
import { join } from 'node:path';
import { A_LAW, encodeAlaw } from '#media/g711.ts';
import { startSipp } from '../../interop/peers/sipp.ts';
import { description, playPcap } from '../../interop/scenarios/steps.ts';
import type { Packet } from '../../lab/packet.ts';
import { DOMAIN, PASSWORD, startRegistrar } from '../../lab/peers/registrar.ts';
import { dbm0At, sine } from '../../support/goertzel.ts';
import { writeRtpCapture } from '../../support/pcap.ts';
import { House } from '../house.ts';
import { expect } from '../stand.ts';
import { VirtualStand } from '../virtual_stand.ts';
import { calling } from './call_scenario.ts';

type Say = (text: string) => void;

const USER = 'alice';
const HOOK = 17;
const LAMP = 23;
/** Hz and dBm0 that SIPp says, ms that it lasts. */
const SPOKEN = 1004;
const LASTS = 10_000;
const FRAME = 160;
const RTP_HEAD = 12;

const DROP = `accounts:
  - {user: ${USER}, domain: ${DOMAIN}, password: ${PASSWORD}}
`;

/** A hook and a lamp on a simulated chip; the two ends of a simulated sound card as earpiece and microphone. */
const BOARD = {
  schema: 'dualtone.board/1',
  name: 'stand',
  description: 'A handset whose earpiece lies on its microphone',
  driver: 'linux',
  gpio: { chip: ['stand-gpio'] },
  sound: { input: 'plughw:CARD=Loopback,DEV=1', output: 'plughw:CARD=Loopback,DEV=0', period: 20 },
  parts: [
    { kind: 'hook', line: HOOK },
    { kind: 'lamps', lamps: [{ name: 'status', line: LAMP }] },
    { kind: 'bell', driver: 'sound' },
  ],
};
const CHIP = '/sys/kernel/config/gpio-sim/stand';
const LINE = '/sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio';

/** The hardware is there before the telephone is; the handset lies on its hook. */
const BEFORE = `set -e
exec >/dev/console 2>&1
modprobe gpio-sim
modprobe snd-aloop pcm_substreams=1
[ -d /sys/kernel/config/gpio-sim ] || mount -t configfs configfs /sys/kernel/config
mkdir -p ${CHIP}/bank0
echo 58 >${CHIP}/bank0/num_lines
echo stand-gpio >${CHIP}/bank0/label
echo 1 >${CHIP}/live
echo pull-up | tee ${LINE}${HOOK}/pull
udevadm settle
cat >/run/board.json <<'END'
${JSON.stringify(BOARD)}
END
echo 'OPTIONS=--board /run/board.json' >/run/dualtone.env
`;

export async function story(say: Say): Promise<readonly string[]> {
  await using house = await House.build();
  await startRegistrar(house.home);
  const far = await house.host('far');
  const stand = new VirtualStand({ house, say, drop: { 'dualtone.yaml': DROP }, before: BEFORE });
  try {
    const wire = await house.home.capture();
    stand.power();
    const ready = await stand.ready();
    say(`the telephone is there, ${ready.after} s after the kernel`);
    const bound = await waitFor(() => registration(wire.packets, house), 240, 'it is registered');
    const lamp = await house.sh(`cat ${LINE}${LAMP}/value`);

    const tone = join(house.lab.directory, 'tone.pcap');
    writeTone(tone);
    const sipp = await startSipp({
      directory: house.lab.directory,
      scenario: calling(DOMAIN, PASSWORD, description(), playPcap(tone), LASTS),
      ...{ address: far.ipv6, port: 5070, user: USER, via: far.via, limit: 240 },
      target: `[${house.home.address(6)}]:5060`,
    });
    const invited = performance.now();
    await waitFor(() => wire.packets.find(({ sip }) => sip?.startsWith('SIP/2.0 180')), 120, 'it rings');
    const rang = performance.now() - invited;
    say(`it rings, ${Math.round(rang)} ms after the call began`);
    await house.sh(`echo pull-down | tee ${LINE}${HOOK}/pull`);
    say('the hook is lifted');
    const outcome = await sipp.exit(LASTS + 120_000);
    await house.sh(`echo pull-up | tee ${LINE}${HOOK}/pull`);
    const packets = await wire.stop();
    const heard = heardAt(packets, far.ipv6, house.ipv6);
    return [
      expect(bound !== undefined, `registered at Kamailio over IPv6: ${bound}`),
      expect(lamp.trim() === '1', 'its lamp, a line of gpio-sim, is lit'),
      expect(
        outcome === 0,
        `SIPp called it through Kamailio; it rang after ${Math.round(rang)} ms, and was answered by its hook`,
      ),
      ...heard,
    ];
  } finally {
    await stand.end();
  }
}

async function waitFor<T>(probe: () => T | undefined, seconds: number, what: string): Promise<T> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const found = probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** Contact of a REGISTER that came from the card and was granted. */
function registration(packets: readonly Packet[], { ipv6 }: House): string | undefined {
  const texts = packets
    .filter(({ sip }) => sip !== undefined)
    .map(({ to, payload }) => ({ to, text: payload.toString('latin1') }));
  const granted = texts.find(
    ({ to, text }) => to.address === ipv6 && /^SIP\/2.0 200/.test(text) && /^CSeq: \d+ REGISTER/im.test(text),
  );
  return /^Contact: ?(.*)$/im.exec(granted?.text ?? '')?.[1];
}

function writeTone(file: string): void {
  const samples = sine(SPOKEN, LASTS);
  const frames = Array.from({ length: Math.floor(samples.length / FRAME) }, (_, n) =>
    Uint8Array.from(samples.subarray(n * FRAME, (n + 1) * FRAME), encodeAlaw),
  );
  writeRtpCapture(file, frames);
}

/** What the far end sent, and what came back to it. */
function heardAt(packets: readonly Packet[], far: string, card: string): readonly string[] {
  const voice = (from: string, to: string) =>
    packets.filter(
      (packet) =>
        packet.transport === 'udp' &&
        packet.from.address === from &&
        packet.to.address === to &&
        packet.payload.length === RTP_HEAD + FRAME &&
        packet.payload[0] === 0x80,
    );
  const [said, back] = [voice(far, card), voice(card, far)];
  const levels = back.map(({ payload }) =>
    dbm0At(
      Int16Array.from(payload.subarray(RTP_HEAD), (octet) => A_LAW.decoded[octet] ?? 0),
      SPOKEN,
    ),
  );
  const loudest = levels.toSorted((a, b) => b - a);
  const tone = loudest.filter((level) => level > -30);
  const median = Math.round((tone[Math.floor(tone.length / 2)] ?? -99) * 10) / 10;
  return [
    expect(
      said.length > 0.9 * (LASTS / 20),
      `SIPp said ${said.length} packets of ${SPOKEN} Hz at -9.3 dBm0, over IPv6`,
    ),
    expect(back.length > 100, `the card sent ${back.length} packets, over IPv6`),
    expect(
      tone.length > LASTS / 20 / 4,
      `in ${tone.length} of them is the tone, through its earpiece and microphone: ${median} dBm0`,
    ),
  ];
}
