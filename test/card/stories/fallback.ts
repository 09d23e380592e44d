/** A system whose telephone never serves: three starts, then the one before it is back and says so. */

import { DUALTONE } from '../../../image/build/accounts.ts';
import { bundle } from '../bundles.ts';
import { expect, Stand } from '../stand.ts';

const BROKEN = '0.1.3';
/** Its telephone ends at once, and it is given a minute instead of ten. */
const FILES = {
  'etc/systemd/system/dualtone.service.d/99-broken.conf': '[Service]\nExecStart=\nExecStart=/bin/false\n',
  'etc/systemd/system/dualtone-trial.timer.d/99-soon.conf': '[Timer]\nOnBootSec=\nOnBootSec=60s\n',
};

export async function story(say: (text: string) => void): Promise<readonly string[]> {
  const broken = bundle({ version: BROKEN, files: FILES }, say);
  const stand = new Stand(say);
  try {
    stand.card.putData('dualtone/update/broken.raucb', { file: broken }, DUALTONE);
    const machine = stand.power();
    await stand.ready();
    for (const start of [3, 2, 1]) await machine.line(new RegExp(`slot b of b a, start ${start} of 3`), 600);
    await machine.line(/slot b has no start left/, 600);
    const back = await stand.ready();
    const { update } = await stand.status(
      (status) => status.update?.fell !== undefined,
      'status tells of it',
    );
    return [
      expect(back.slot === 'a', 'after three starts slot a is back'),
      expect(update?.fell === 'b', `status: ${JSON.stringify(update)}`),
    ];
  } finally {
    await stand.end();
  }
}
