/** RAUC's GetSlotStatus as `busctl --json=short` prints it, for the slots of image/device/etc/rauc/system.conf. */

export interface Told {
  readonly booted?: 'a' | 'b';
  readonly good: Readonly<Record<'a' | 'b', boolean>>;
  /** Of bundles that were installed. */
  readonly versions: { readonly a?: string; readonly b?: string };
  /** Of the same bundles' manifests. */
  readonly hashes?: { readonly a?: string; readonly b?: string };
}

const text = (data: string) => ({ type: 's', data });

export function slotStatus({ booted, good, versions, hashes = {} }: Told): unknown {
  const slots = (['a', 'b'] as const).flatMap((slot, index) => {
    const version = versions[slot];
    const state = slot === booted ? 'booted' : 'inactive';
    const hash = hashes[slot];
    const installed = {
      ...(version === undefined ? {} : { 'bundle.version': text(version) }),
      ...(hash === undefined ? {} : { 'bundle.hash': text(hash) }),
    };
    const size = { type: 't', data: 335_544_320 };
    const system = {
      ...{ class: text('rootfs'), type: text('raw'), bootname: text(slot.toUpperCase()), state: text(state) },
      ...{ 'boot-status': text(good[slot] ? 'good' : 'bad'), size, ...installed },
    };
    const boot = {
      class: text('boot'),
      type: text('raw'),
      parent: text(`rootfs.${index}`),
      state: text(state),
    };
    return [
      [`rootfs.${index}`, system],
      [`boot.${index}`, boot],
    ];
  });
  return { type: 'a(sa{sv})', data: [slots] };
}
