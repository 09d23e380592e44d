/** Telephones on networks of IPv4 alone call each other by IPv6, and where NATs allow it the router has little to do. */
import { inLab } from './in_lab.ts';
import { phoneTales, SHORT_PHONE_STORIES } from './scenarios/sixbed4_phones.ts';
import { isWell } from './scenarios/sixbed4_tale.ts';

const PACE = { talk: 2000, back: false };

inLab()(
  'telephones on IPv4 call each other by IPv6, and go on when a path or a mapping is lost',
  async (t) => {
    t.timeout(240_000);
    const first = await phoneTales(SHORT_PHONE_STORIES, PACE, 2);
    t.is(first.length, SHORT_PHONE_STORIES.length);
    // What failed beside others is told once more by itself.
    const again = await phoneTales(
      first.filter((tale) => !isWell(tale)).map(({ story }) => story),
      PACE,
      1,
    );
    for (const { story, findings } of again) {
      for (const { what, seen, goal, kept } of findings)
        t.true(kept, `${story}: ${what}: ${seen}, goal ${goal}`);
    }
    t.true(first.every(({ findings }) => findings.length > 0));
  },
);
