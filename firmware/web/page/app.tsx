/** The page as a whole: the telephone, and beside it what the telephone knows. */
import { DialForm } from './dial.tsx';
import { Header } from './header.tsx';
import { Phone } from './phone.tsx';
import { SoundNotice } from './sound_notice.tsx';
import { StatusPanel } from './status.tsx';
import { TracePanel } from './trace.tsx';

export function App() {
  return (
    <>
      <Header />
      <main>
        <div class="desk">
          <Phone />
          <SoundNotice />
          <DialForm />
        </div>
        <div class="panels">
          <StatusPanel />
          <TracePanel />
        </div>
      </main>
    </>
  );
}
