/** What this telephone says of itself to whoever may configure it. */
import { readFileSync } from 'node:fs';
import { arch } from 'node:os';
import type { BoardProfile } from '#hal/boards/schema.ts';
import { deviceMac } from '#provisioning/discovery/identity.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import { linkLayers } from '#provisioning/sources/interfaces.ts';

/** Where the kernel says which board it runs on. */
const DEVICE_TREE_MODEL = '/proc/device-tree/model';
const NO_MAC = '000000000000';

export function identityOf(board: BoardProfile, version: string): DeviceIdentity {
  return {
    mac: deviceMac(linkLayers()) ?? NO_MAC,
    model: board.driver === 'sim' ? 'Sim' : 'Pi-Desk',
    version,
    vendor: 'dualtone.example',
    board: slug(board.name),
    machine: slug(machine()),
  };
}

function machine(): string {
  try {
    return readFileSync(DEVICE_TREE_MODEL, 'latin1').replaceAll('\0', '');
  } catch {
    return arch();
  }
}

/** As one word of a User-Agent. */
function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z\d]+/g, '-')
      .replace(/^-|-$/g, '') || 'unknown'
  );
}
