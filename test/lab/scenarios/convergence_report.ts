/** The convergence scenario for people: the weight of the families after each transaction. */
import { table } from '../table.ts';
import { changesOfSide, convergence, type Difference, isConverged, TO_CONVERGE } from './convergence.ts';

/** Milliseconds; the favourite of a new destination, IPv6, is forgiven 50. */
const DELAYS = [20, 50, 100, 200, 300] as const;

/** `--further N` (transactions after the first ten), `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const differences: readonly Difference[] = [
    { family: 6, ms: 0 },
    ...([6, 4] as const).flatMap((family) => DELAYS.map((ms) => ({ family, ms }))),
  ];
  const further = Number(options.get('further') ?? 20);
  const parallel = Number(options.get('parallel') ?? 2);
  const courses = await convergence({ differences, further, parallel });
  return [
    `P from -20 (IPv4) to 20 (IPv6) after each of ${TO_CONVERGE} calls, and in the ${further} after them`,
    '',
    table(
      ['slower', 'P', 'then', 'changes of side', 'INVITE over IPv6, IPv4'],
      courses.map((course) => [
        `${isConverged(course) && changesOfSide(course) <= 1 ? '✔' : '✘'} ${nameOf(course)}`,
        course.weights.slice(0, TO_CONVERGE).join(' '),
        range(course.weights.slice(TO_CONVERGE)),
        String(changesOfSide(course)),
        ([6, 4] as const)
          .map((family) => course.families.filter((each) => each === family).length)
          .join(', '),
      ]),
    ),
  ].join('\n');
}

function nameOf({ family, ms }: Difference): string {
  return ms === 0 ? 'neither' : `IPv${family} by ${ms} ms`;
}

function range(weights: readonly number[]): string {
  return weights.length === 0 ? '–' : `${Math.min(...weights)} … ${Math.max(...weights)}`;
}
