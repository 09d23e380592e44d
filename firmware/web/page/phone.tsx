/** The telephone itself. */
import { flash, turnVolume } from './actions.ts';
import { Display } from './display.tsx';
import { FunctionKeys } from './function_keys.tsx';
import { Handset } from './handset.tsx';
import { Keypad } from './keypad.tsx';
import { Lamps } from './lamps.tsx';
import { useStore } from './store.ts';

export function Phone() {
  const hook = useStore((state) => state.front.hook);
  const ringing = useStore((state) => state.front.bell !== null);
  const live = useStore((state) => state.link === 'open');
  return (
    <section class="phone" aria-label="Telephone" data-hook={hook} data-ringing={ringing} data-live={live}>
      <Handset hook={hook} ringing={ringing} />
      <div class="face">
        <Lamps />
        <Display />
        <Controls />
        <FunctionKeys />
        <Keypad />
      </div>
    </section>
  );
}

function Controls() {
  const volume = useStore((state) => state.front.volume);
  const percent = Math.round(volume * 100);
  return (
    <div class="controls">
      <button type="button" class="small" onClick={flash} title="Flash: hold, or a second call (F)">
        Flash
      </button>
      <div class="volume">
        <button
          type="button"
          class="small"
          aria-label="Volume down"
          title="Quieter (-)"
          onClick={() => turnVolume(-1)}
        >
          −
        </button>
        <meter min={0} max={100} value={percent} aria-label="Volume" title={`Volume ${percent} %`}>
          {percent} %
        </meter>
        <button
          type="button"
          class="small"
          aria-label="Volume up"
          title="Louder (+)"
          onClick={() => turnVolume(1)}
        >
          +
        </button>
      </div>
    </div>
  );
}
