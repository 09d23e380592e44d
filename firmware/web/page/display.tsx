/** The display: four lines of twenty characters. What stands there came from the network: text, nothing else. */
import { useEffect, useState } from 'preact/hooks';
import { useStore } from './store.ts';
import { visible } from './text.ts';

const LINES = 4;
const COLUMNS = 20;
/** Lets a line be written to the end before it is read aloud. */
const SPOKEN_AFTER_MS = 400;

/** Marks belong to the letter before them, so letters are counted, not code points. */
const letters = new Intl.Segmenter();

function shown(lines: readonly string[]): string[] {
  return Array.from({ length: LINES }, (_, row) => {
    const cells = Array.from(letters.segment(visible(lines[row] ?? '')), ({ segment }) => segment);
    return cells.slice(0, COLUMNS).join('');
  });
}

export function Display() {
  const lines = shown(useStore((state) => state.front.lines));
  return (
    <div class="display">
      <div class="lines" aria-hidden="true">
        {lines.map((line, row) => (
          <bdi key={`row ${row}`} class="line" dir="ltr">
            {line}
          </bdi>
        ))}
      </div>
      <Spoken
        text={lines
          .map((line) => line.trim())
          .filter(Boolean)
          .join('. ')}
      />
    </div>
  );
}

function Spoken({ text }: { readonly text: string }) {
  const [spoken, speak] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => speak(text), SPOKEN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="aloud" role="status" aria-live="polite" aria-label="Display">
      {spoken}
    </p>
  );
}
