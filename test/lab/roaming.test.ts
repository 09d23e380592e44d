/** The network changes under the phone, and soon it is as good as before. */
import { inLab } from './in_lab.ts';
import { roaming, SHORT_STORY_NAMES } from './scenarios/roaming.ts';

/** Other tests run at the same time: `npm run lab -- roaming` has the goals as they are. */
const SHARED = 2;

inLab()('soon after a change of the network all is as before', async (t) => {
  t.timeout(240_000);
  for (const { story, ms, goal, seen } of await roaming(SHORT_STORY_NAMES, 5)) {
    t.true(ms !== undefined && ms <= SHARED * goal, `${story}: ${ms} ms, goal ${goal}, ${seen}`);
  }
});
