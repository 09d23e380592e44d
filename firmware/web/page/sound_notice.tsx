/** One line under the phone: where its sound is, or what stands in the way. */
import { useThisComputer } from './actions.ts';
import { useStore } from './store.ts';

export function SoundNotice() {
  const { handset, microphone, unlocked } = useStore((state) => state.sound);
  const hook = useStore((state) => state.front.hook);
  const ringing = useStore((state) => state.front.bell !== null);
  if (microphone.state === 'trouble') {
    return (
      <div class="notice trouble" role="alert">
        <strong>{microphone.what}</strong> {microphone.todo}
        {handset === 'on' && ' You can hear the other side; they cannot hear you.'}
      </div>
    );
  }
  if (ringing && !unlocked) return <p class="notice">Click anywhere to hear the bell.</p>;
  if (hook === 'off' && handset !== 'on') {
    return (
      <p class="notice">
        {handset === 'taken' ? 'Another page has the sound now.' : 'The handset is lifted elsewhere.'}{' '}
        <button type="button" class="small" onClick={useThisComputer}>
          Talk here
        </button>
      </p>
    );
  }
  return <p class="notice quiet">{WORDS[microphone.state]}</p>;
}

const WORDS = {
  off: 'Lifting the handset uses this computer’s microphone and speaker.',
  asking: 'The browser asks whether this page may use the microphone.',
  on: 'This computer’s microphone and speaker are the handset.',
} as const;
