/** Name, number, and how the connection to the phone stands. */
import type { LinkState } from './link.ts';
import { Logo } from './logo.tsx';
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
      <Logo />
      <h1>dualtone</h1>
      {extension && <span class="extension">{visible(extension)}</span>}
      <span class="link" data-link={link} role="status">
        {LINKS[link]}
      </span>
      <a class="settings-link" href="./admin/">
        Settings
      </a>
    </header>
  );
}
