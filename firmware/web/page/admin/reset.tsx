/** The way back to a telephone as it came, behind a question. */
import { useState } from 'preact/hooks';
import { visible } from '../text.ts';
import { factoryReset } from './actions.ts';
import { Alarm, focused } from './field.tsx';

type Step = 'rest' | 'asking' | 'done';

export function FactoryReset() {
  const [step, setStep] = useState<Step>('rest');
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const reset = async () => {
    setTrouble(undefined);
    try {
      await factoryReset();
      setStep('done');
    } catch (error) {
      setStep('rest');
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section class="panel" aria-labelledby="reset">
      <h3 id="reset">Factory reset</h3>
      <p class="hint">
        Accounts, settings, neighbours, this page's owner and certificate: everything is forgotten, and calls
        end. The phone then is as new, and belongs to whoever reads its PIN.
      </p>
      {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
      {step === 'done' && (
        <p role="status">The phone forgets everything. Load this page again in a moment.</p>
      )}
      {step === 'asking' && (
        <div class="buttons" role="alertdialog" aria-label="Forget everything?">
          <span>Forget everything?</span>
          <button type="button" class="end" onClick={() => void reset()}>
            Forget everything
          </button>
          <button type="button" class="small" onClick={() => setStep('rest')} ref={focused}>
            Keep
          </button>
        </div>
      )}
      {step === 'rest' && (
        <div class="buttons">
          <button type="button" class="end" onClick={() => setStep('asking')}>
            Reset the phone
          </button>
        </div>
      )}
    </section>
  );
}
