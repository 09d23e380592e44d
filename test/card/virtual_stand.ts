/**
 * A card in QEMU's machine with a network, in a house (house.ts). What the telephone logs comes on the serial line; whoever wants to
 * know more logs in, by a key that lies on the card as a person's would.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Card, FIRMWARE } from '../../image/qemu/card.ts';
import { extraService, PATIENT } from '../../image/qemu/credentials.ts';
import type { Machine } from '../../image/qemu/machine.ts';
import { type Slot, virtual } from '../../image/qemu/virt.ts';
import type { House } from './house.ts';
import { IMAGE_FILE, PATIENCE, type Ready, readyIn } from './stand.ts';

/** Only what a story tells of anyway. */
const TOLD =
  /is ready after|panic|FAILED|dualtone: initrd|"level":"(?:warn|error)"|rauc\[\d+\]: .*(?:[Ff]ailed|succeeded)/;
const LOG = ['systemd.journald.forward_to_console=1', 'systemd.journald.max_level_console=info'];

export interface VirtualStandOptions {
  readonly house: House;
  readonly say: (text: string) => void;
  readonly image?: string;
  /** What a person lays on the first partition. */
  readonly drop?: Readonly<Record<string, string>>;
  /** A script of the data partition that runs before the telephone. */
  readonly before?: string;
}

export class VirtualStand {
  readonly card: Card;
  readonly #options: VirtualStandOptions;
  #machine: Machine | undefined;

  constructor(options: VirtualStandOptions) {
    const { house, drop = {}, before, image = IMAGE_FILE } = options;
    this.#options = options;
    this.card = new Card(image);
    const files = { ssh: house.sshKey(), ...drop };
    for (const [name, text] of Object.entries(files)) this.card.write(FIRMWARE, name, text);
    if (before !== undefined) this.card.putData(SCRIPT, before);
  }

  get machine(): Machine {
    if (this.#machine === undefined) throw new Error('the power is off');
    return this.#machine;
  }

  power(slot: Slot = 'a'): Machine {
    const { house, say, before } = this.#options;
    const extra = [...LOG, PATIENT, ...(before === undefined ? [] : BEFORE)].join(' ');
    this.#machine = virtual(this.card, { slot, extra, network: house.network }, (line, seconds) => {
      if (TOLD.test(line)) say(`${seconds.toFixed(0).padStart(5)}  ${line}`);
    });
    return this.#machine;
  }

  /** When the telephone is there. */
  async ready(): Promise<Ready> {
    return readyIn(await this.machine.line(/dualtone is ready after/, PATIENCE));
  }

  /** When the telephone has logged this. */
  logs(what: RegExp, seconds = PATIENCE): Promise<string> {
    return this.machine.line(what, seconds);
  }

  /** When the system has begun to start anew: the power stays off, for only U-Boot knows which slot is next. */
  async restarted(seconds = PATIENCE): Promise<void> {
    const late = sleep(seconds * 1000, 'late' as const, { ref: false });
    if ((await Promise.race([this.machine.ended, late])) === 'late')
      throw new Error(`it has not started anew within ${seconds} s`);
    this.#machine = undefined;
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

const SCRIPT = 'stand/before.sh';
const UNIT = `[Unit]
After=data.mount
Before=dualtone.service
[Service]
Type=oneshot
ExecStart=/bin/sh /data/${SCRIPT}
`;
/** Words for the kernel by which systemd starts it. */
const BEFORE = extraService('stand', UNIT);
