/** The matrix scenario for people: who reaches whom, over which family, and who hears whom. */
import type { Family } from '#address/endpoint.ts';
import { table } from '../table.ts';
import { allPairs, type Hearing, isImpossible, type Met, matrix, type Pair } from './matrix.ts';

/** `--talk SECONDS`, `--way direct|kamailio`, `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const way = options.get('way');
  const pairs = allPairs().filter((pair) => way === undefined || pair.way === way);
  const talk = Number(options.get('talk') ?? 4) * 1000;
  const met = await matrix({ pairs, talk, parallel: Number(options.get('parallel') ?? 2) });
  const strangers = met.flatMap((each) =>
    each.strangers.map((text) => `${each.caller} → ${each.callee}: ${text}`),
  );
  const failures = met.flatMap(({ failure, ...each }) =>
    failure ? [`${titled(each)}, after ${Math.round(failure.ms)} ms: ${failure.reason}`] : [],
  );
  return [
    table(['caller → callee', 'INVITE', 'sound', 'caller hears', 'callee hears'], met.map(row)),
    '',
    ...(failures.length === 0 ? [] : ['No call:', ...failures.map((line) => `  ${line}`), '']),
    strangers.length === 0
      ? 'No message named an address of the family that it did not take.'
      : `Addresses of the other family named:\n  ${[...new Set(strangers)].join('\n  ')}`,
  ].join('\n');
}

function titled({ caller, callee, way }: Pair): string {
  return `${caller} → ${callee}, ${way}`;
}

function row(met: Met): readonly string[] {
  if (met.failure) return [titled(met), isImpossible(met) ? 'impossible, rightly' : 'failed'];
  const ears = [met.callerHears, met.calleeHears].map(heard);
  return [titled(met), shown(met.signalling), met.media.map(shown).join('/'), ...ears];
}

function shown(family: Family | undefined): string {
  return family === undefined ? '–' : `IPv${family}`;
}

function heard({ seconds, longestGapMs }: Hearing): string {
  return seconds === 0 ? 'nothing' : `${seconds.toFixed(1)} s, gap ${Math.round(longestGapMs)} ms`;
}
