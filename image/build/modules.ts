/** Which of the kernel's modules the card carries: those of its boards, of what is plugged in, and of its tests. */

/** Without these there is no root: loaded by the initrd, with what they need. */
export const FOR_ROOT = [
  // Where the card hangs: Pi 3 and Zero 2 W at sdhost, Pi 4 at emmc2, which has its voltage from two regulators.
  'bcm2835',
  'sdhci-iproc',
  'fixed',
  'gpio-regulator',
  // The same card in QEMU's machine "virt".
  'virtio_blk',
  'virtio_mmio',
  'erofs',
];

export const MODULES: Readonly<Record<string, readonly string[]>> = {
  'the boards': [
    'bcm2711_thermal',
    'bcm2835-rng',
    'bcm2835_thermal',
    'bcm2835_wdt',
    'dwc2',
    'iproc-rng200',
    'phy-generic',
    'pwm_bl',
    'raspberrypi-cpufreq',
    'reset-raspberrypi',
    'xhci-pci',
    'xhci-plat-hcd',
  ],
  'file systems': [
    'autofs4',
    'ext4',
    'nls_ascii',
    'nls_cp437',
    'nls_utf8',
    'nls_iso8859-1',
    'overlay',
    'vfat',
  ],
  // RAUC: the bundle is a squashfs in a loop device or streamed, verified by dm-verity.
  updates: ['dm-mod', 'dm-verity', 'loop', 'nbd', 'squashfs'],
  ethernet: ['bcm-phy-lib', 'broadcom', 'genet', 'lan78xx', 'mdio-bcm-unimac', 'microchip', 'smsc95xx'],
  'ethernet and telephones by USB': [
    'asix',
    'ax88179_178a',
    'cdc_ether',
    'cdc_ncm',
    'r8152',
    'rndis_host',
    'usbnet',
  ],
  wireless: ['brcmfmac', 'brcmfmac-cyw', 'brcmfmac-wcc', 'cfg80211', 'rfkill', 'ccm', 'ctr', 'cmac', 'gcm'],
  network: ['dummy', 'tun', 'veth'],
  firewall: [
    'nf_conntrack',
    'nf_log_syslog',
    'nf_tables',
    'nft_chain_nat',
    'nft_ct',
    'nft_fib',
    'nft_fib_inet',
    'nft_limit',
    'nft_log',
    'nft_masq',
    'nft_nat',
    'nft_redir',
    'nft_reject',
    'nft_reject_inet',
    'nft_socket',
  ],
  sound: [
    'snd-aloop',
    'snd-bcm2835',
    'snd-soc-bcm2835-i2s',
    'snd-soc-hdmi-codec',
    'snd-soc-max98357a',
    'snd-soc-simple-card',
    'snd-soc-spdif-rx',
    'snd-soc-spdif-tx',
    'snd-soc-wm8960',
    'snd-usb-audio',
  ],
  'lines and buses': [
    'gpio-pca953x',
    'gpio-sim',
    'gpio_keys',
    'i2c-bcm2835',
    'i2c-brcmstb',
    'i2c-dev',
    'i2c-gpio',
    'leds-gpio',
    'pwm-bcm2835',
    'spi-bcm2835',
    'spi-bcm2835aux',
  ],
  'what is plugged in': ['evdev', 'hid-generic', 'uinput', 'usb-storage', 'usbhid'],
  QEMU: ['virtio_net', 'virtio-rng', 'virtio_input', 'virtio_balloon', 'qemu_fw_cfg'],
};

/** The kernel takes `-` and `_` for the same, and so does this: file names hold either. */
export const plainName = (path: string): string =>
  (path.split('/').at(-1) ?? path).replace(/\.ko(?:\.\w+)?$/, '').replaceAll('-', '_');

/**
 * Files of `names` and of all that they need, what is needed before what needs it. `dependencies` is modules.dep, `builtin`
 * modules.builtin. Throws an Error that names what this kernel does not have.
 */
export function closureOf(
  names: readonly string[],
  dependencies: string,
  builtin: string,
): readonly string[] {
  const needs = new Map<string, readonly string[]>();
  const fileOf = new Map<string, string>();
  for (const line of dependencies.split('\n')) {
    const [file, needed = ''] = line.split(':');
    if (!file) continue;
    fileOf.set(plainName(file), file);
    needs.set(file, needed.split(' ').filter(Boolean));
  }
  const inside = new Set(builtin.split('\n').map(plainName));
  const found = new Set<string>();
  const take = (file: string) => {
    if (found.has(file)) return;
    for (const one of (needs.get(file) ?? []).toReversed()) take(one);
    found.add(file);
  };
  const missing: string[] = [];
  for (const name of names) {
    const file = fileOf.get(plainName(name));
    if (file) take(file);
    else if (!inside.has(plainName(name))) missing.push(name);
  }
  if (missing.length > 0) throw new Error(`this kernel has no module ${missing.join(', ')}`);
  return [...found];
}
