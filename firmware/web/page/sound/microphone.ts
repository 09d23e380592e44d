/** The microphone, or why there is none, in words that help. */

export type Microphone =
  | { readonly state: 'off' | 'asking' | 'on' }
  | { readonly state: 'trouble'; readonly what: string; readonly todo: string };

/** By the name of the DOMException (Media Capture and Streams 10.3). */
const TROUBLES: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  NotAllowedError: [
    'The browser may not give the microphone to this page.',
    'Allow it with the icon next to the address, hang up and lift the handset again.',
  ],
  NotFoundError: [
    'The browser finds no microphone on this computer.',
    'Plug one in, hang up and lift the handset again.',
  ],
  NotReadableError: [
    'The microphone is there, but cannot be opened.',
    'Close other programs that use it, hang up and lift the handset again.',
  ],
};

export const INSECURE: Microphone = {
  state: 'trouble',
  what: 'Browsers give sound only to pages of this computer or over https.',
  todo: 'Open the page at http://127.0.0.1 or http://localhost, through an SSH tunnel if the phone is elsewhere.',
};

/** `raw`: no echo cancelling and the like, for measuring. */
export async function openMicrophone(raw: boolean): Promise<MediaStream> {
  const clean = !raw;
  return await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean },
  });
}

export function troubleOf(error: unknown): Microphone {
  const name = error instanceof Error ? error.name : '';
  const [what, todo] = TROUBLES[name] ?? [
    `The microphone does not work${name ? ` (${name})` : ''}.`,
    'Hang up and lift the handset again.',
  ];
  return { state: 'trouble', what, todo };
}
