/** Telephones on networks of IPv4 alone call each other by IPv6, and the router has little to do with it. */
import { inLab } from './in_lab.ts';
import { phoneTales, SHORT_PHONE_STORIES } from './scenarios/sixbed4_phones.ts';

const PACE = { talk: 2000, back: false };

for (const story of SHORT_PHONE_STORIES) {
  inLab()(story, async (t) => {
    t.timeout(120_000);
    // What failed beside others is told once more.
    const [first] = await phoneTales([story], PACE, 1);
    const isWell = first?.findings.every(({ kept }) => kept);
    const [tale] = isWell ? [first] : await phoneTales([story], PACE, 1);
    for (const { what, seen, goal, kept } of tale?.findings ?? [])
      t.true(kept, `${what}: ${seen}, goal ${goal}`);
    t.true((tale?.findings.length ?? 0) > 2);
  });
}
