/**
 * libasound, reached through koffi: only what a telephone calls. Names are ALSA's own without their prefix. A result
 * below zero is a negative errno. Every call blocks its thread as long as ALSA says.
 */

/** A pointer of ALSA's. */
export type Handle = { readonly _alsa: unique symbol };
/** Where a call leaves what it made. */
export type Out<T> = (T | null)[];

export interface Alsa {
  strerror(code: number): string;
  pcmOpen(pcm: Out<Handle>, name: string, stream: number, mode: number): number;
  pcmClose(pcm: Handle): number;
  hwParamsMalloc(params: Out<Handle>): number;
  hwParamsFree(params: Handle): void;
  hwParamsAny(pcm: Handle, params: Handle): number;
  hwParamsSetRateResample(pcm: Handle, params: Handle, on: number): number;
  hwParamsSetAccess(pcm: Handle, params: Handle, access: number): number;
  hwParamsSetFormat(pcm: Handle, params: Handle, format: number): number;
  hwParamsSetChannels(pcm: Handle, params: Handle, channels: number): number;
  hwParamsTestRate(pcm: Handle, params: Handle, rate: number, direction: number): number;
  hwParamsSetRate(pcm: Handle, params: Handle, rate: number, direction: number): number;
  hwParamsSetRateNear(pcm: Handle, params: Handle, rate: number[], direction: null): number;
  hwParamsSetPeriodSizeNear(pcm: Handle, params: Handle, samples: number[], direction: null): number;
  hwParamsSetBufferSizeNear(pcm: Handle, params: Handle, samples: number[]): number;
  hwParams(pcm: Handle, params: Handle): number;
  swParamsMalloc(params: Out<Handle>): number;
  swParamsFree(params: Handle): void;
  swParamsCurrent(pcm: Handle, params: Handle): number;
  swParamsSetStartThreshold(pcm: Handle, params: Handle, samples: number): number;
  swParamsSetAvailMin(pcm: Handle, params: Handle, samples: number): number;
  swParams(pcm: Handle, params: Handle): number;
  pcmPrepare(pcm: Handle): number;
  pcmStart(pcm: Handle): number;
  pcmDrop(pcm: Handle): number;
  pcmWait(pcm: Handle, ms: number): number;
  pcmAvailUpdate(pcm: Handle): number;
  pcmDelay(pcm: Handle, samples: number[]): number;
  pcmReadi(pcm: Handle, into: Int16Array, samples: number): number;
  pcmWritei(pcm: Handle, from: Int16Array, samples: number): number;
  readonly mixer: AlsaMixer;
}

/** The simple mixer interface. */
export interface AlsaMixer {
  open(mixer: Out<Handle>, mode: number): number;
  close(mixer: Handle): number;
  attach(mixer: Handle, card: string): number;
  register(mixer: Handle, options: null, class_: null): number;
  load(mixer: Handle): number;
  first(mixer: Handle): Handle | null;
  next(element: Handle): Handle | null;
  name(element: Handle): string;
  hasPlaybackVolume(element: Handle): number;
  hasPlaybackSwitch(element: Handle): number;
  hasCaptureVolume(element: Handle): number;
  hasCaptureSwitch(element: Handle): number;
  isEnumerated(element: Handle): number;
  playbackRange(element: Handle, least: number[], most: number[]): number;
  captureRange(element: Handle, least: number[], most: number[]): number;
  setPlaybackVolume(element: Handle, volume: number): number;
  setCaptureVolume(element: Handle, volume: number): number;
  setPlaybackSwitch(element: Handle, on: number): number;
  setCaptureSwitch(element: Handle, on: number): number;
  enumItems(element: Handle): number;
  enumItemName(element: Handle, item: number, length: number, into: Uint8Array): number;
  setEnumItem(element: Handle, channel: number, item: number): number;
}

/** Why there is no sound card to be had, and what to do. */
export class NoAlsa extends Error {
  readonly code = 'NO_ALSA';
}

/** @throws NoAlsa with one line for a person where koffi or libasound is missing. */
export async function loadAlsa(): Promise<Alsa> {
  const koffi = await import('koffi').catch(() => {
    throw new NoAlsa(
      'sound cards need the package koffi: npm install koffi (npm ci leaves it out on failure)',
    );
  });
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load('libasound.so.2');
  } catch {
    throw new NoAlsa('sound cards need libasound: apt-get install libasound2');
  }
  // It prints its errors on stderr; they come back as results too. A handler must be C (threads of plugins call
  // it), and any function without arguments may stand in for one that does nothing.
  library.func('int snd_lib_error_set_handler(void *)')(koffi.load(null).symbol('getppid', 'void *'));
  return { ...pcmOf(library), mixer: mixerOf(library) };
}

type Library = ReturnType<typeof import('koffi')['load']>;

function pcmOf(library: Library): Omit<Alsa, 'mixer'> {
  const call = (declaration: string) => library.func(declaration);
  return {
    strerror: call('str snd_strerror(int)'),
    pcmOpen: call('int snd_pcm_open(_Out_ void **, str, int, int)'),
    pcmClose: call('int snd_pcm_close(void *)'),
    hwParamsMalloc: call('int snd_pcm_hw_params_malloc(_Out_ void **)'),
    hwParamsFree: call('void snd_pcm_hw_params_free(void *)'),
    hwParamsAny: call('int snd_pcm_hw_params_any(void *, void *)'),
    hwParamsSetRateResample: call('int snd_pcm_hw_params_set_rate_resample(void *, void *, uint)'),
    hwParamsSetAccess: call('int snd_pcm_hw_params_set_access(void *, void *, int)'),
    hwParamsSetFormat: call('int snd_pcm_hw_params_set_format(void *, void *, int)'),
    hwParamsSetChannels: call('int snd_pcm_hw_params_set_channels(void *, void *, uint)'),
    hwParamsTestRate: call('int snd_pcm_hw_params_test_rate(void *, void *, uint, int)'),
    hwParamsSetRate: call('int snd_pcm_hw_params_set_rate(void *, void *, uint, int)'),
    hwParamsSetRateNear: call('int snd_pcm_hw_params_set_rate_near(void *, void *, _Inout_ uint *, void *)'),
    hwParamsSetPeriodSizeNear: call(
      'int snd_pcm_hw_params_set_period_size_near(void *, void *, _Inout_ ulong *, void *)',
    ),
    hwParamsSetBufferSizeNear: call(
      'int snd_pcm_hw_params_set_buffer_size_near(void *, void *, _Inout_ ulong *)',
    ),
    hwParams: call('int snd_pcm_hw_params(void *, void *)'),
    swParamsMalloc: call('int snd_pcm_sw_params_malloc(_Out_ void **)'),
    swParamsFree: call('void snd_pcm_sw_params_free(void *)'),
    swParamsCurrent: call('int snd_pcm_sw_params_current(void *, void *)'),
    swParamsSetStartThreshold: call('int snd_pcm_sw_params_set_start_threshold(void *, void *, ulong)'),
    swParamsSetAvailMin: call('int snd_pcm_sw_params_set_avail_min(void *, void *, ulong)'),
    swParams: call('int snd_pcm_sw_params(void *, void *)'),
    pcmPrepare: call('int snd_pcm_prepare(void *)'),
    pcmStart: call('int snd_pcm_start(void *)'),
    pcmDrop: call('int snd_pcm_drop(void *)'),
    pcmWait: call('int snd_pcm_wait(void *, int)'),
    pcmAvailUpdate: call('long snd_pcm_avail_update(void *)'),
    pcmDelay: call('int snd_pcm_delay(void *, _Out_ long *)'),
    pcmReadi: call('long snd_pcm_readi(void *, void *, ulong)'),
    pcmWritei: call('long snd_pcm_writei(void *, const void *, ulong)'),
  };
}

function mixerOf(library: Library): AlsaMixer {
  const call = (declaration: string) => library.func(declaration);
  return {
    open: call('int snd_mixer_open(_Out_ void **, int)'),
    close: call('int snd_mixer_close(void *)'),
    attach: call('int snd_mixer_attach(void *, str)'),
    register: call('int snd_mixer_selem_register(void *, void *, void *)'),
    load: call('int snd_mixer_load(void *)'),
    first: call('void *snd_mixer_first_elem(void *)'),
    next: call('void *snd_mixer_elem_next(void *)'),
    name: call('str snd_mixer_selem_get_name(void *)'),
    hasPlaybackVolume: call('int snd_mixer_selem_has_playback_volume(void *)'),
    hasPlaybackSwitch: call('int snd_mixer_selem_has_playback_switch(void *)'),
    hasCaptureVolume: call('int snd_mixer_selem_has_capture_volume(void *)'),
    hasCaptureSwitch: call('int snd_mixer_selem_has_capture_switch(void *)'),
    isEnumerated: call('int snd_mixer_selem_is_enumerated(void *)'),
    playbackRange: call('int snd_mixer_selem_get_playback_volume_range(void *, _Out_ long *, _Out_ long *)'),
    captureRange: call('int snd_mixer_selem_get_capture_volume_range(void *, _Out_ long *, _Out_ long *)'),
    setPlaybackVolume: call('int snd_mixer_selem_set_playback_volume_all(void *, long)'),
    setCaptureVolume: call('int snd_mixer_selem_set_capture_volume_all(void *, long)'),
    setPlaybackSwitch: call('int snd_mixer_selem_set_playback_switch_all(void *, int)'),
    setCaptureSwitch: call('int snd_mixer_selem_set_capture_switch_all(void *, int)'),
    enumItems: call('int snd_mixer_selem_get_enum_items(void *)'),
    enumItemName: call('int snd_mixer_selem_get_enum_item_name(void *, uint, size_t, void *)'),
    setEnumItem: call('int snd_mixer_selem_set_enum_item(void *, int, uint)'),
  };
}
