/** Both families live: the weight of a destination finds its side, and stays there. */
import { inLab } from './in_lab.ts';
import { changesOfSide, convergence, type Difference, isConverged } from './scenarios/convergence.ts';

const FURTHER = 10;
/** A busy machine makes the quicker one slow, but not three times. */
const ROUNDS = 3;

/** The favourite of a new destination is IPv6, which is forgiven 50 ms. */
const SIDES: readonly (readonly [Difference, side: number])[] = [
  [{ family: 6, ms: 0 }, 1],
  [{ family: 6, ms: 100 }, -1],
];

inLab()('P converges within ten calls on the side of the quicker family, and stays there', async (t) => {
  t.timeout(180_000);
  let open = SIDES;
  for (let round = 1; round <= ROUNDS && open.length > 0; round++) {
    const differences = open.map(([difference]) => difference);
    const courses = await convergence({ differences, further: FURTHER, parallel: 2 });
    for (const course of courses) {
      t.true(isConverged(course), JSON.stringify(course));
      t.true(changesOfSide(course) <= 1, JSON.stringify(course));
    }
    open = open.filter(([, side], index) => Math.sign(courses[index]?.weights.at(-1) ?? 0) !== side);
  }
  t.deepEqual(open, []);
});
