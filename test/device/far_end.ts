/** The other side of a guest's network: a namespace with the tap, in which SIPp is registrar and peer, over IPv6. */
import { threadId } from 'node:worker_threads';
import type { ExecutionContext } from 'ava';
import { type SippOptions, startSipp } from '../interop/peers/sipp.ts';
import { command, ip } from '../lab/command.ts';
import { scratch } from '../support/phone_process.ts';
import type { PeerProcess } from '../support/process.ts';
import type { GuestNetwork } from './guest.ts';

const TAP = 'tap0';
let count = 0;

export class FarEnd {
  static readonly address = 'fd00:9::1';
  static readonly guest = 'fd00:9::2';
  readonly network: GuestNetwork;
  readonly #namespace: string;
  readonly #peers: PeerProcess[] = [];

  private constructor(namespace: string) {
    this.#namespace = namespace;
    this.network = { namespace, tap: TAP, addresses: [`${FarEnd.guest}/64`] };
  }

  /** Gone with the test. */
  static async open(t: Pick<ExecutionContext, 'teardown'>): Promise<FarEnd> {
    count += 1;
    const far = new FarEnd(`dualtone-far-${process.pid}-${threadId}.${count}`);
    await ip([`netns add ${far.#namespace}`]);
    t.teardown(async () => {
      await Promise.all(far.#peers.map((peer) => peer.stop()));
      await command('ip', ['netns', 'del', far.#namespace]);
    });
    await ip([`tuntap add dev ${TAP} mode tap`, `link set ${TAP} up`, 'link set lo up'], far.#namespace);
    await ip([`addr add ${FarEnd.address}/64 dev ${TAP} nodad`], far.#namespace);
    return far;
  }

  async sipp(options: Omit<SippOptions, 'directory' | 'address' | 'via'>): Promise<PeerProcess> {
    const via = ['ip', 'netns', 'exec', this.#namespace];
    const directory = scratch('far-end');
    const sipp = await startSipp({ ...options, directory, via, address: FarEnd.address });
    this.#peers.push(sipp);
    return sipp;
  }
}

/** Of a telephone with an account at the far end, whom everybody may call. */
export function accountAt(country: string): Readonly<Record<string, unknown>> {
  const account = {
    user: '204',
    password: 'kept-by-the-gue5t',
    ...{ domain: FarEnd.address, transport: 'udp', srtp: 'off', codecs: ['pcma'] },
  };
  return { country, accounts: [account], security: { acceptFrom: 'anyone' } };
}
