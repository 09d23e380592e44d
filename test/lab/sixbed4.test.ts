/** 6bed4 through real NATs: straight where that is possible, by the router where it is not, and soon well again. */
import { inLab } from './in_lab.ts';
import { SHORT_STORIES, sixbed4 } from './scenarios/sixbed4.ts';

/** Other tests run at the same time: a story that failed beside others is told once more by itself. */
const AT_ONCE = 6;

inLab('ping')('peers of 6bed4 behind real NATs', async (t) => {
  t.timeout(240_000);
  const pace = { isShort: true };
  const first = await sixbed4(SHORT_STORIES, pace, AT_ONCE);
  const failed = first.filter(({ findings }) => !findings.every(({ kept }) => kept));
  const again = await sixbed4(
    failed.map(({ story }) => story),
    pace,
    1,
  );
  for (const { story, findings } of again) {
    for (const { what, seen, goal, kept } of findings)
      t.true(kept, `${story}: ${what}: ${seen}, goal ${goal}`);
  }
  t.is(first.length, SHORT_STORIES.length);
  t.true(first.every(({ findings }) => findings.length > 0));
});
