/** Where to go when the phone says that its settings are elsewhere from now on. */
import type { Moved } from '../../admin/types.ts';
import type { Gone } from './state.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** `here`: the address of this page. Undefined: it stays good. */
export function goneFrom(here: URL, where: Moved): Gone | undefined {
  if (where === null) return { why: 'The settings page is switched off (admin.listen).' };
  // Without TLS it is the handset's server that shows them, and that has not moved.
  if (here.protocol !== 'https:') return undefined;
  const url = new URL(here);
  url.port = String(where.port);
  if (where.scope === 'loopback' && !LOOPBACK.includes(here.hostname)) {
    const own = `https://localhost:${where.port}/admin/`;
    return { why: `From now on the settings page is only for the machine of the phone itself: ${own}` };
  }
  return url.href === here.href ? undefined : { why: 'The settings page has moved.', url: url.href };
}
