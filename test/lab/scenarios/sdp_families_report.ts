/** The sdp-families scenario for people. */
import { table } from '../table.ts';
import { type Said, sdpFamilies } from './sdp_families.ts';

export async function report(): Promise<string> {
  const exchanges = await sdpFamilies(true);
  return table(
    ['question', 'ours', 'baresip'],
    exchanges.map(({ title, us, baresip }) => [title, shown(us), shown(baresip)]),
  );
}

function shown(said: Said | undefined): string {
  if (said === undefined) return '–';
  const { status, family, sound, toTeredo } = said;
  if (status === 0) return 'no answer';
  if (status >= 300) return String(status);
  const teredo = toTeredo > 0 ? `, ${toTeredo} packets to Teredo` : '';
  return `IP${family ?? '?'}, sound ${sound === undefined ? 'none' : `over IPv${sound}`}${teredo}`;
}
