/** Name, number, and how the connection to the phone stands. */
import type { LinkState } from './link.ts';
import { useStore } from './store.ts';
import { visible } from './text.ts';

const LINKS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting to the phone …',
  open: 'Connected',
  lost: 'The phone does not answer. Trying again …',
  expired: 'The phone was started anew. Open the address that it printed.',
  full: 'Too many pages are open. Close another one.',
};

export function Header() {
  const link = useStore((state) => state.link);
  const extension = useStore((state) => state.status?.extension);
  return (
    <header>
      <svg class="logo" viewBox="0 0 44 28" aria-hidden="true">
        <circle class="low" cx="14" cy="14" r="13" />
        <circle class="high" cx="30" cy="14" r="13" />
        <path class="both" d="M22 3.75a13 13 0 0 1 0 20.5a13 13 0 0 1 0-20.5z" />
      </svg>
      <h1>dualtone</h1>
      {extension && <span class="extension">{visible(extension)}</span>}
      <span class="link" data-link={link} role="status">
        {LINKS[link]}
      </span>
    </header>
  );
}
