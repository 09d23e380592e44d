/** Who reaches whom: signalling and sound in a family that both ends of the leg have, and sound in both ears. */
import type { ExecutionContext } from 'ava';
import type { Family } from '#address/endpoint.ts';
import { inLab } from './in_lab.ts';
import { allPairs, isImpossible, KINDS, type Kind, type Met, matrix, type Way } from './scenarios/matrix.ts';

const TALK = 2500;
const pairsOf = (way: Way) => allPairs().filter((pair) => pair.way === way);
const hasFamily = (kind: Kind, family: Family | undefined) =>
  family !== undefined && !(`ipv${family}` in KINDS[kind]);

inLab()('calls among hosts of one family and of both take a family that both have', async (t) => {
  t.timeout(240_000);
  for (const met of await matrix({ pairs: pairsOf('direct'), talk: TALK, parallel: 3 })) {
    const seen = JSON.stringify(met);
    if (isImpossible(met)) {
      t.truthy(met.failure, seen);
      t.true((met.failure?.ms ?? 0) < 3000, seen);
      t.regex(met.failure?.reason ?? '', /no route|no address|IPv[46]/, seen);
      continue;
    }
    talked(t, met);
    for (const kind of [met.caller, met.callee]) t.true(hasFamily(kind, met.signalling), seen);
    t.deepEqual(met.media, [met.signalling, met.signalling], seen);
  }
});

inLab('kamailio', 'rtpengine')('through Kamailio everybody talks with everybody', async (t) => {
  t.timeout(240_000);
  for (const met of await matrix({ pairs: pairsOf('kamailio'), talk: TALK, parallel: 3 })) {
    const seen = JSON.stringify(met);
    talked(t, met);
    t.is(met.media[0], met.signalling, seen);
    t.true(hasFamily(met.caller, met.signalling), seen);
    t.true(hasFamily(met.callee, met.media[1]), seen);
  }
});

function talked(t: ExecutionContext, met: Met): void {
  const seen = JSON.stringify(met);
  t.is(met.failure, undefined, seen);
  t.true(met.callerHears.seconds > 2, seen);
  t.true(met.calleeHears.seconds > 2, seen);
  t.deepEqual(met.strangers, [], seen);
}
