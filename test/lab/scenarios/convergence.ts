/**
 * Both families live, and one is slower: what the weight P of the destination becomes, transaction by transaction.
 * Each transaction is a call of a phone that knows nothing at first, one soon after the other. The thousand
 * transactions that follow, minutes apart too, are simulated in test/sip and test/address.
 */
import type { Family } from '#address/endpoint.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import { bracketed } from '../addressing.ts';
import type { Capture } from '../capture.ts';
import { Lab } from '../lab.ts';
import { startPhone } from '../phone.ts';
import { SipServer } from '../sip_server.ts';

export interface Difference {
  /** Whose packets to the server come later, and by how many ms. */
  readonly family: Family;
  readonly ms: number;
}

export interface Course extends Difference {
  /** P after each transaction, from -20 (IPv4) to 20 (IPv6). */
  readonly weights: readonly number[];
  /** Family of each INVITE. */
  readonly families: readonly (Family | undefined)[];
}

/** Transactions within which P has found its side. */
export const TO_CONVERGE = 10;
/** P that forgives the favourite 80 ms, of 200 at most: what a race that is lost by chance does not undo. */
const CONVERGED = 8;
const DOMAIN = 'pbx.lab';

export interface ConvergenceOptions {
  readonly differences: readonly Difference[];
  /** Transactions after those in which P converges. */
  readonly further: number;
  readonly parallel: number;
}

export async function convergence(options: ConvergenceOptions): Promise<readonly Course[]> {
  const { differences, further, parallel } = options;
  const queue = [...differences.entries()];
  const courses: Course[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, difference] = next;
      courses[index] = await run(difference, TO_CONVERGE + further);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return courses;
}

/** After the first ten: on the side where P was then, and not at its edge. */
export function isConverged({ weights }: Course): boolean {
  return Math.abs(weights[TO_CONVERGE - 1] ?? 0) >= CONVERGED;
}

/** How often P changes its side after the first ten. */
export function changesOfSide({ weights }: Course): number {
  const sides = weights.slice(TO_CONVERGE - 1).map(Math.sign);
  return sides.filter((side, index) => index > 0 && side !== sides[index - 1]).length;
}

async function run(difference: Difference, transactions: number): Promise<Course> {
  await using lab = await Lab.create();
  const [host, serving] = [await lab.host('phone'), await lab.host('pbx')];
  await lab.dns([`${DOMAIN}. 60 IN A ${serving.ipv4}`, `${DOMAIN}. 60 IN AAAA ${serving.ipv6}`]);
  await SipServer.start(lab, serving);
  await lab.delay(serving, difference.ms, difference.family);
  const phone = await startPhone(lab, host, {});
  // The first call starts the media thread, of which the race shall feel nothing. Of literals nothing is remembered.
  for (const literal of serving.addresses) await call(phone, `sip:bob@${bracketed(literal)}`);
  const capture = await host.capture();
  const weights: number[] = [];
  const families: (Family | undefined)[] = [];
  for (let count = 0; count < transactions; count++) {
    const { weight, family } = await transact(phone, capture);
    weights.push(weight);
    families.push(family);
  }
  await capture.stop();
  return { ...difference, weights, families };
}

async function transact(
  phone: PhoneProcess,
  capture: Capture,
): Promise<{ readonly weight: number; readonly family: Family | undefined }> {
  const before = capture.packets.length;
  await call(phone, `sip:bob@${DOMAIN};transport=udp`);
  const isInvite = ({ sip }: { readonly sip?: string }) => sip?.startsWith('INVITE ') === true;
  const invite = await until('an INVITE', () => capture.packets.slice(before).find(isInvite));
  const { preference } = (await phone.status()).network;
  const weight = preference.find(({ destination }) => destination === DOMAIN);
  if (weight === undefined) throw new Error(`nothing is known of ${DOMAIN}: ${JSON.stringify(preference)}`);
  return { weight: weight.p, family: invite.to.family };
}

/** It is taken, and ended at once. */
async function call(phone: PhoneProcess, uri: string): Promise<void> {
  const { code, output } = await phone.verb('dial', uri, '--wait');
  if (code !== 0) throw new Error(`no call: ${output}`);
  await phone.verb('hangup');
}
