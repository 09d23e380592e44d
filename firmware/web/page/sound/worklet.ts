/** Runs in the browser's sound thread: microphone blocks go out as frames, frames come in for the loudspeaker. */
import { Ear, Mouth } from './frames.ts';

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Handset extends AudioWorkletProcessor {
  readonly #ear = new Ear();
  readonly #mouth = new Mouth((frame) => this.port.postMessage(frame.buffer, [frame.buffer]));

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ArrayBuffer | null>) => {
      if (data === null) this.#ear.clear();
      else this.#ear.put(new Int16Array(data));
    };
  }

  process(
    inputs: readonly (readonly Float32Array[])[],
    outputs: readonly (readonly Float32Array[])[],
  ): boolean {
    const microphone = inputs[0]?.[0];
    const speaker = outputs[0]?.[0];
    if (microphone !== undefined) this.#mouth.speak(microphone);
    if (speaker !== undefined) this.#ear.hear(speaker);
    return true;
  }
}

registerProcessor('handset', Handset);
