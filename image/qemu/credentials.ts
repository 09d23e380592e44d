/**
 * Words for the kernel of an emulated machine that hand systemd what is not on the card (systemd.system-credentials(7)): nothing on the
 * card is made for tests.
 */

/** A unit, started with the system. `name`: without ending, of a service. */
export function extraService(name: string, text: string): readonly string[] {
  return [credential(`extra-unit.${name}.service`, text), `systemd.wants=${name}.service`];
}

/** A minute to start is enough for any board, not for one that is emulated on a busy host. */
export const PATIENT = credential('unit-dropin.dualtone.service', '[Service]\nTimeoutStartSec=10min\n');

function credential(name: string, text: string): string {
  return `systemd.set_credential_binary=systemd.${name}:${Buffer.from(text).toString('base64')}`;
}
