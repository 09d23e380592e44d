/** Parts of forms: each with its label, its hint and what is wrong with it, tied together for who hears the page. */
import type { ComponentChildren, TargetedInputEvent } from 'preact';
import { useId } from 'preact/hooks';
import { visible } from '../text.ts';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly type?: 'text' | 'password';
  readonly autoComplete?: string;
  readonly inputMode?: 'numeric' | 'text';
  readonly required?: boolean;
  /** It narrows what is shown, and is no part of anything that is saved. */
  readonly search?: boolean;
  readonly disabled?: boolean;
}

export function Field({
  label,
  hint,
  fault,
  onChange,
  autoComplete = 'off',
  type = 'text',
  search = false,
  ...rest
}: FieldProps) {
  const id = useId();
  const input = {
    ...rest,
    ...{ id, autoComplete },
    autoCapitalize: 'off',
    spellcheck: false,
    'aria-invalid': fault !== undefined,
    'aria-describedby': `${id}-more`,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => onChange(event.currentTarget.value),
  } as const;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!rest.required && !search && <span class="optional"> (optional)</span>}
      </label>
      {type === 'password' ? <input type="password" {...input} /> : <input type="text" {...input} />}
      <More id={`${id}-more`} hint={hint} fault={fault} />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChange: (value: string) => void;
  readonly fault?: string | undefined;
}

export function Choice({ label, value, options, onChange, fault }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        {...{ id, value }}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-more`}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      <More id={`${id}-more`} hint={undefined} fault={fault} />
    </div>
  );
}

interface MoreProps {
  readonly id: string;
  readonly hint: string | undefined;
  readonly fault: string | undefined;
}

function More({ id, hint, fault }: MoreProps) {
  return (
    <div id={id}>
      {fault !== undefined && <p class="fault">{visible(fault)}</p>}
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  );
}

/** Said at once. */
export function Alarm({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="alarm" role="alert">
      {children}
    </p>
  );
}

/** For `ref`: takes the focus when it appears, as the answer to a question that was asked for a moment ago. */
export const focused = (element: HTMLElement | null): void => element?.focus();
