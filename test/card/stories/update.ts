/** A bundle on the data partition: installed into the other slot, started, found good. What should not be is refused. */
import { readFileSync } from 'node:fs';
import { DUALTONE } from '../../../image/build/accounts.ts';
import { bundle } from '../bundles.ts';
import { expect, Stand } from '../stand.ts';

const NEXT = '0.1.1';

export async function story(say: (text: string) => void): Promise<readonly string[]> {
  const good = bundle({ version: NEXT }, say);
  const stranger = bundle({ version: '0.1.2', foreign: true }, say);
  // By RAUC's own words: one that refuses all for another reason proves nothing. */
  const refused: readonly (readonly [what: string, octets: Buffer, why: RegExp])[] = [
    ['a bundle signed by a stranger', readFileSync(stranger), /signature verification failed/],
    ['a truncated bundle', readFileSync(good).subarray(0, 30_000_000), /Invalid bundle format/],
    [
      'an older version',
      readFileSync(bundle({ version: '0.0.9' }, say)),
      /Version mismatch: Expected at least/,
    ],
  ];
  const findings: string[] = [];
  for (const [what, octets, why] of refused) {
    say(what);
    const stand = new Stand(say);
    try {
      stand.card.putData('dualtone/update/refused.raucb', octets, DUALTONE);
      stand.power();
      await stand.ready();
      const { update } = await stand.status(
        (status) => typeof status.update?.refused === 'string',
        `${what} is refused`,
      );
      findings.push(expect(why.test(`${update?.refused}`), `${what} is refused: ${update?.refused}`));
    } finally {
      await stand.end();
    }
  }
  return [...findings, ...(await install(say, good))];
}

async function install(say: (text: string) => void, path: string): Promise<readonly string[]> {
  say('a good bundle');
  const stand = new Stand(say);
  try {
    stand.card.putData('dualtone/update/next.raucb', { file: path }, DUALTONE);
    stand.power();
    const first = await stand.ready();
    const second = await stand.ready();
    const begin = performance.now();
    await stand.status(({ update }) => update?.state === 'good', 'the new slot is found good');
    const took = Math.round((performance.now() - begin) / 1000);
    await stand.cut();
    const state = stand.card.state();
    return [
      expect(
        first.slot === 'a' && second.slot === 'b',
        `installed by slot a, then slot b started, ${second.version}`,
      ),
      expect(second.version === NEXT, `its version is ${NEXT}`),
      expect(
        state.b_good === '1' && state.order === 'b a',
        `found good ${took} s after the telephone was there`,
      ),
    ];
  } finally {
    await stand.end();
  }
}
