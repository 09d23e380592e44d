/** Our firmware on a host of the laboratory. */
import { cpSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PhoneProcess } from '../support/phone_process.ts';
import type { Host } from './host.ts';
import type { Lab } from './lab.ts';

const DIST = new URL('../../dist', import.meta.url).pathname;
const PACKAGES = new URL('../../node_modules', import.meta.url).pathname;

/**
 * Starts the phone there; a second start on the same host finds what the first one has kept. It says a tone of so
 * many Hz and writes what it hears to `heard`.
 */
export async function startPhone(
  lab: Lab,
  host: Host,
  config: Record<string, unknown>,
  tone = 440,
): Promise<PhoneProcess> {
  const directory = join(lab.directory, host.name);
  const place = { via: host.via, program: join(copyOfDist(lab), 'dualtone.js') };
  const audio = { input: `tone:${tone}`, output: `file:${join(directory, 'heard.wav')}` };
  const phone = await PhoneProcess.start(directory, { audio, ...config }, [], place);
  lab.adopt(phone);
  return phone;
}

/** The phone as it comes out of its box: nobody has configured it. `via`: if not simply on that host. */
export function unpackPhone(
  lab: Lab,
  host: Host,
  args: readonly string[] = [],
  via: readonly string[] = host.via,
): PhoneProcess {
  const place = { via, program: join(copyOfDist(lab), 'dualtone.js') };
  const phone = PhoneProcess.unpacked(join(lab.directory, host.name), args, place);
  lab.adopt(phone);
  return phone;
}

/** A build that happens meanwhile must not change the phone under the test. */
function copyOfDist(lab: Lab): string {
  const copy = join(lab.directory, 'dist');
  if (existsSync(copy)) return copy;
  cpSync(DIST, copy, { recursive: true });
  // What is not in the bundle: without koffi the phone would be deaf to half of ICMP.
  symlinkSync(PACKAGES, join(lab.directory, 'node_modules'));
  return copy;
}
