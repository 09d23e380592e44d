/**
 * For tests: a page opened with `?measure` takes the microphone as it is, without echo cancelling, and offers
 * `window.dualtone` with what mouth and ear carry just now.
 */

export interface Peak {
  /** Strongest frequency, to 6 Hz. */
  readonly hz: number;
  /** Its level in dB of full scale, and the middle level of all frequencies. */
  readonly db: number;
  readonly floor: number;
}

declare global {
  interface Window {
    dualtone?: { readonly mouth: () => Peak; readonly ear: () => Peak };
  }
}

export const measuring = new URLSearchParams(location.search).has('measure');

export function installMeasuring(context: AudioContext, mouth: AudioNode, ear: AudioNode): void {
  window.dualtone = { mouth: listen(context, mouth), ear: listen(context, ear) };
}

function listen(context: AudioContext, node: AudioNode): () => Peak {
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  node.connect(analyser);
  return () => {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const peak = levels.reduce((best, level, bin) => (level > (levels[best] ?? level) ? bin : best), 1);
    const floor = levels.toSorted()[levels.length >> 1] ?? 0;
    return { hz: (peak * context.sampleRate) / analyser.fftSize, db: levels[peak] ?? 0, floor };
  };
}
