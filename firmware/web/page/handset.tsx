/** The handset in its cradle. It is the hook: a click lifts it or lays it down. */
import { toggleHook } from './actions.ts';

interface Props {
  readonly hook: 'on' | 'off';
  readonly ringing: boolean;
}

/** Holes of earpiece and mouthpiece, as seen from the front. */
const HOLES = [-12, -4, 4, 12].flatMap((x) => [-8, 0, 8].map((y) => [x, y] as const));

export function Handset({ hook, ringing }: Props) {
  const word = hook === 'off' ? 'Hang up' : ringing ? 'Answer' : 'Lift';
  return (
    <button
      type="button"
      class="hook"
      aria-label={hook === 'off' ? 'Hang up' : ringing ? 'Answer' : 'Lift the handset'}
      aria-keyshortcuts="Space"
      title={`${word} (Space)`}
      onClick={toggleHook}
    >
      <span class="cradle">
        <svg class="handset" viewBox="0 0 72 380" aria-hidden="true">
          <path class="shell" d={SHELL} />
          <path class="shine" d="M26 88C20 140 20 240 26 292" />
          <g transform="translate(36 40)">{grille()}</g>
          <g transform="translate(36 340)">{grille()}</g>
        </svg>
      </span>
      <span class="word">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M3 14.5c0-2 4-5 9-5s9 3 9 5v2.2c0 .8-.7 1.3-1.5 1.1l-3.3-.8c-.6-.2-1-.7-1-1.3v-1.8c-2-.7-4.4-.7-6.4 0v1.8c0 .6-.4 1.1-1 1.3l-3.3.8c-.8.2-1.5-.3-1.5-1.1z" />
        </svg>
        {word}
      </span>
    </button>
  );
}

/** Earpiece, grip, mouthpiece. */
const SHELL =
  'M20 4H52Q68 4 68 20V64Q68 78 56 82Q49 86 49 100V280Q49 294 56 298Q68 302 68 316V360Q68 376 52 376H20Q4 376 4 360V316Q4 302 16 298Q23 294 23 280V100Q23 86 16 82Q4 78 4 64V20Q4 4 20 4Z';

function grille() {
  return HOLES.map(([x, y]) => <circle key={`${x} ${y}`} class="hole" cx={x} cy={y} r={2} />);
}
