/**
 * A card and the machine it is in, as a story uses them: files are laid on the card, the power comes, the serial line is
 * read. Where a story wants to know what the telephone says of itself, a unit that the kernel's words carry shows it on
 * the serial line: nothing on the card is made for tests.
 */
import { join } from 'node:path';
import { OUT } from '../../image/build/places.ts';
import { Card, FIRMWARE } from '../../image/qemu/card.ts';
import { extraService, PATIENT } from '../../image/qemu/credentials.ts';
import { type Machine, NO_WATCHDOG, raspberryPi } from '../../image/qemu/machine.ts';

export const IMAGE_FILE = join(OUT, 'dualtone.img');
/** s from power to telephone on a busy host that emulates. */
export const PATIENCE = 600;
const READY = /dualtone is ready after (\d+) s \(slot (\w), version (\S+)\)/;

/** What is worth telling of all that comes down the serial line. */
const TOLD = /^dualtone: (?!.*\bsaid\b)|^dualtone is ready|panic|\[FAILED\]|rauc\[/;

/** Shows the status now and then. */
const LOOK = `exec >/dev/console 2>&1
while sleep 5; do
  echo "STATUS $(dualtone status --json --data /data/dualtone 2>&1 | tr -d '\\n')"
done
`;
const UNIT = '[Unit]\nAfter=dualtone.service\n[Service]\nExecStart=/bin/sh /boot/firmware/look.sh\n';
/** An interface whose cable is nowhere: without any the telephone could reach no neighbours. */
const NETWORK = 'network:\n  version: 2\n  ethernets:\n    dummy0:\n      addresses: [192.0.2.7/24]\n';

/** Words for the kernel by which systemd starts the unit, and a network that leads nowhere is there. */
export const EXTRA = [NO_WATCHDOG, PATIENT, ...extraService('look', UNIT), 'modules_load=dummy'].join(' ');

export interface Ready {
  /** s since the kernel began. */
  readonly after: number;
  readonly slot: string;
  readonly version: string;
}

export class Stand {
  readonly card: Card;
  readonly #say: (text: string) => void;
  #machine: Machine | undefined;

  constructor(say: (text: string) => void, image = IMAGE_FILE) {
    this.card = new Card(image);
    this.#say = say;
    this.card.tellKernel(EXTRA);
    this.look(LOOK);
    this.card.write(FIRMWARE, 'network-config', NETWORK);
  }

  /** A script that is run beside the telephone; on the partition that is there whatever becomes of the data. */
  look(script: string): void {
    this.card.write(FIRMWARE, 'look.sh', script);
  }

  get machine(): Machine {
    if (this.#machine === undefined) throw new Error('the power is off');
    return this.#machine;
  }

  power(): Machine {
    this.#machine = raspberryPi(this.card, (line) => {
      if (TOLD.test(line)) this.#say(line);
    });
    return this.#machine;
  }

  /** When the telephone is there. */
  async ready(): Promise<Ready> {
    return readyIn(await this.machine.line(READY, PATIENCE));
  }

  /** What the telephone says of itself, as soon as it is as wanted. */
  async status(wanted: (status: Status) => boolean, what: string, seconds = PATIENCE): Promise<Status> {
    const end = performance.now() + seconds * 1000;
    let last: Status = {};
    while (performance.now() < end) {
      const line = await this.machine.line(/STATUS \{/, seconds).catch(() => '');
      last = statusIn(line) ?? last;
      if (wanted(last)) return last;
    }
    throw new Error(`${what}: not within ${seconds} s; status ${JSON.stringify(last)}`);
  }

  async cut(): Promise<void> {
    await this.#machine?.cut();
    this.#machine = undefined;
  }

  async end(): Promise<void> {
    await this.cut();
    this.card.remove();
  }
}

/** What the card says on its console. */
export function readyIn(line: string): Ready {
  const [, after = '', slot = '', version = ''] = READY.exec(line) ?? [];
  return { after: Number(after), slot, version };
}

/** As far as stories look at it. */
export interface Status {
  readonly version?: string;
  readonly extension?: string;
  readonly accounts?: readonly { readonly aor: string; readonly state: string }[];
  readonly update?: Readonly<Record<string, unknown>>;
}

function statusIn(line: string): Status | undefined {
  try {
    return JSON.parse(line.slice(line.indexOf('{'))) as Status;
  } catch {
    return undefined;
  }
}

export function expect(is: boolean, what: string): string {
  if (!is) throw new Error(`not so: ${what}`);
  return what;
}
