/** The settings as a whole: the door, and behind it one section at a time. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Logo } from '../logo.tsx';
import { visible } from '../text.ts';
import { AccountsSection } from './accounts.tsx';
import { logout, noticePresence, tell } from './actions.ts';
import { CallsSection } from './calls.tsx';
import { ConfigSection } from './config.tsx';
import { Door, useGate } from './gate.tsx';
import { LogSection } from './log.tsx';
import { NeighboursSection } from './neighbours.tsx';
import { NetworkSection } from './network.tsx';
import { OwnerSection } from './owner.tsx';
import { SelftestSection } from './selftest.tsx';
import { type Gone, useAdmin } from './state.ts';
import { StatusSection } from './status.tsx';
import { TraceSection } from './trace.tsx';

const SECTIONS = {
  status: ['Status', StatusSection],
  accounts: ['Accounts', AccountsSection],
  network: ['Network', NetworkSection],
  neighbours: ['Neighbours', NeighboursSection],
  calls: ['Calls', CallsSection],
  trace: ['Trace', TraceSection],
  log: ['Log', LogSection],
  selftest: ['Self-test', SelftestSection],
  config: ['Configuration', ConfigSection],
  owner: ['Owner', OwnerSection],
} as const;

type SectionName = keyof typeof SECTIONS;

export function AdminApp() {
  const gate = useGate();
  const link = useAdmin((state) => state.link);
  const gone = useAdmin((state) => state.gone);
  if (gone !== null) return <Elsewhere gone={gone} />;
  if (gate === null) {
    return (
      <>
        <Header />
        <main>
          <p role="status">
            {link === 'lost' ? 'The phone does not answer. Trying again …' : 'Connecting …'}
          </p>
        </main>
      </>
    );
  }
  return (
    <>
      <Header />
      {gate.in ? <Settings /> : <Door gate={gate} />}
    </>
  );
}

function Elsewhere({ gone: { why, url } }: { readonly gone: Gone }) {
  return (
    <>
      <Header />
      <main class="door">
        <p role="status">{why}</p>
        {url !== undefined && (
          <p>
            <a href={url}>{url}</a>
          </p>
        )}
      </main>
    </>
  );
}

const LINKS = {
  connecting: 'Connecting …',
  open: 'Connected',
  lost: 'The phone does not answer. Trying again …',
};

function Header() {
  const isIn = useAdmin((state) => (state.gate?.in ?? false) && state.gone === null);
  const handset = useAdmin((state) => state.gate?.handset);
  const link = useAdmin((state) => state.link);
  const extension = useAdmin((state) => state.status?.extension);
  return (
    <header>
      <Logo />
      <h1>
        <span class="product">dualtone </span>settings
      </h1>
      {extension && <span class="extension">{visible(extension)}</span>}
      {handset !== undefined && (
        <a class="settings-link" href={handset}>
          Handset
        </a>
      )}
      {isIn && (
        <>
          <span class="link" data-link={link} role="status">
            {LINKS[link]}
          </span>
          <button type="button" class="small" onClick={() => void logout()}>
            Log out
          </button>
        </>
      )}
    </header>
  );
}

function Settings() {
  const name = useSection();
  const [title, Section] = SECTIONS[name];
  const notice = useAdmin((state) => state.notice);
  useEffect(() => {
    for (const kind of ['pointerdown', 'keydown']) window.addEventListener(kind, noticePresence);
    return () => {
      for (const kind of ['pointerdown', 'keydown']) window.removeEventListener(kind, noticePresence);
    };
  }, []);
  return (
    <div class="settings">
      <nav aria-label="Settings">
        <ul>
          {Object.entries(SECTIONS).map(([each, [text]]) => (
            <li key={each}>
              <a href={`#${each}`} {...(each === name && { 'aria-current': 'page' as const })}>
                {text}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main>
        <p class="done" role="status">
          {notice}
        </p>
        <Title key={name}>{title}</Title>
        <Section />
      </main>
    </div>
  );
}

/** The heading of a section takes the focus when one goes there: who hears the page hears where it is. */
function Title({ children }: { readonly children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} – Dualtone settings`;
    if (moved) heading.current?.focus();
  }, []);
  return (
    <h2 class="title" tabIndex={-1} ref={heading}>
      {children}
    </h2>
  );
}

/** Somebody chose a section; until then the focus stays where the browser has it. */
let moved = false;

function useSection(): SectionName {
  const [name, setName] = useState(nameOf(location.hash));
  useEffect(() => {
    const listener = () => {
      moved = true;
      tell('');
      setName(nameOf(location.hash));
    };
    window.addEventListener('hashchange', listener);
    return () => window.removeEventListener('hashchange', listener);
  }, []);
  return name;
}

function nameOf(hash: string): SectionName {
  const name = hash.slice(1);
  return Object.hasOwn(SECTIONS, name) ? (name as SectionName) : 'status';
}
