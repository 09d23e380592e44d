/** The configuration: what was changed on this telephone, as text to edit, and every value with where it comes from. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Checked, ConfigView, Finding } from '#provisioning/editing.ts';
import { visible } from '../text.ts';
import { checkConfig, saveConfig, tell } from './actions.ts';
import { Alarm } from './field.tsx';
import { Places } from './places.tsx';
import { Server } from './server.tsx';
import { useAdmin } from './state.ts';

const CHECK_AFTER_MS = 600;

export function ConfigSection() {
  const config = useAdmin((state) => state.config);
  if (config === null) return <p>Waiting for the phone …</p>;
  return (
    <>
      <Server />
      <Editor config={config} />
      <Places places={config.places} />
    </>
  );
}

function Editor({ config }: { readonly config: ConfigView }) {
  const [base, setBase] = useState(config);
  const [text, setText] = useState(config.local);
  const [checked, setChecked] = useState<Checked>(NOTHING);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  const touched = text !== base.local;
  const outdated = base.revision !== config.revision;
  const load = () => {
    setBase(config);
    setText(config.local);
    setChecked(NOTHING);
  };
  // Untouched text follows the telephone; touched text is its author's.
  useEffect(() => {
    if (outdated && !touched) load();
  }, [config]);
  useEffect(() => {
    if (!touched) return;
    const timer = setTimeout(() => checkConfig(text).then(setChecked, () => undefined), CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const save = async () => {
    setTrouble(undefined);
    try {
      const saved = await saveConfig({ text }, base.revision);
      if (saved.kind === 'refused') setChecked(saved);
      else if (saved.kind === 'outdated') setTrouble('It was changed elsewhere meanwhile.');
      else {
        setChecked(NOTHING);
        setBase({ ...base, local: text });
        tell('Saved: it comes into force at once, and goes back by itself should no account register.');
      }
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  const go = ({ line }: Finding) => {
    if (line !== undefined) select(box.current, text, line);
  };
  return (
    <form
      class="panel"
      aria-labelledby="changes"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h3 id="changes">Changed on this phone</h3>
      <p class="hint" id="changes-hint">
        YAML or JSON. What stands here wins over what a server says; what is left out is as below. Secrets are
        shown as asterisks, which keep them. Comments are not kept.
      </p>
      <textarea
        ref={box}
        class="editor"
        rows={14}
        value={text}
        spellcheck={false}
        autoCapitalize="off"
        aria-labelledby="changes"
        aria-describedby="changes-hint findings"
        aria-invalid={checked.faults.length > 0}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div id="findings" role="status">
        <Findings of={checked.faults} kind="fault" onGo={go} />
        <Findings of={checked.warnings} kind="warning" onGo={go} />
      </div>
      {outdated && touched && (
        <Alarm>
          The configuration was changed elsewhere while you wrote.{' '}
          <button type="button" class="small" onClick={load}>
            Drop mine and look
          </button>
        </Alarm>
      )}
      {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
      <div class="buttons">
        <button type="submit" class="go" disabled={!touched || outdated}>
          Save
        </button>
        <button type="button" class="small" disabled={!touched} onClick={load}>
          Undo
        </button>
      </div>
    </form>
  );
}

interface FindingsProps {
  readonly of: readonly Finding[];
  readonly kind: 'fault' | 'warning';
  readonly onGo: (finding: Finding) => void;
}

function Findings({ of, kind, onGo }: FindingsProps) {
  return (
    <ul class="findings">
      {of.map((finding) => (
        <li key={`${finding.path} ${finding.reason}`} class={kind}>
          {finding.line !== undefined && (
            <button type="button" class="small" onClick={() => onGo(finding)}>
              Line {finding.line}
            </button>
          )}{' '}
          {finding.path !== '' && <code>{visible(finding.path)}</code>} {visible(finding.reason)}
        </li>
      ))}
    </ul>
  );
}

const NOTHING: Checked = { faults: [], warnings: [] };

/** Marks a line, from 1, and brings it into view. */
function select(box: HTMLTextAreaElement | null, text: string, line: number): void {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  box?.focus();
  box?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
}
