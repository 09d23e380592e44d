/** The sixbed4-phones scenario for people. */
import { PHONE_STORIES, phoneTales } from './sixbed4_phones.ts';
import { tableOf } from './sixbed4_report.ts';

/** `--only TEXT`, `--talk S` of each call, `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const stories = Object.keys(PHONE_STORIES).filter((name) => name.includes(options.get('only') ?? ''));
  const talk = 1000 * Number(options.get('talk') ?? 10);
  return tableOf(await phoneTales(stories, { talk, back: true }, Number(options.get('parallel') ?? 1)));
}
