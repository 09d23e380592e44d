/** 6bed4 through real NATs: straight where that is possible, by the router where it is not, and soon well again. */
import { inLab } from './in_lab.ts';
import { SHORT_STORIES, sixbed4 } from './scenarios/sixbed4.ts';
import { isWell } from './scenarios/sixbed4_tale.ts';

const PACE = { isShort: true };

inLab('ping')('peers of 6bed4 find each other behind real NATs, and believe no stranger', async (t) => {
  t.timeout(240_000);
  const first = await sixbed4(SHORT_STORIES, PACE, 6);
  t.is(first.length, SHORT_STORIES.length);
  t.true(first.every(({ findings }) => findings.length > 0));
  // What failed beside others is told once more by itself.
  const again = await sixbed4(
    first.filter((tale) => !isWell(tale)).map(({ story }) => story),
    PACE,
    1,
  );
  for (const { story, findings } of again) {
    for (const { what, seen, goal, kept } of findings)
      t.true(kept, `${story}: ${what}: ${seen}, goal ${goal}`);
  }
});
