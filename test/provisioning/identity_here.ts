/** The telephone of the tests. */
import type { DeviceIdentity } from '#provisioning/identity.ts';

export const IDENTITY: DeviceIdentity = {
  mac: 'dca632010203',
  model: 'Pi-Desk',
  version: '1.0.0',
  vendor: 'dualtone.example',
  board: 'pi-desk',
  machine: 'rpi-4b',
};
