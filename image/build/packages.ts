/** Which Debian packages the card and its builder are made of. Their versions stand in packages.lock. */

export type Role = 'device' | 'extracted' | 'builder-amd64' | 'builder-arm64';

export const SUITE = 'trixie';
const KERNELS = `${SUITE}-backports`;
export const LATER = 'forky';
export const SUITES = [SUITE, KERNELS, LATER];
export const COMPONENTS = ['main', 'non-free-firmware'];
/**
 * What comes from LATER, and nothing else. Since kernel 6.19 dm-verity says `V -` where it said `V`; RAUC before 1.15.1 takes that
 * for a failure and installs nothing (rauc#1842). Its successor wants a newer libnl; otherwise trixie's libraries do.
 */
export const FROM_LATER = ['rauc', 'rauc-service', 'libnl-3-200', 'libnl-genl-3-200', 'libnl-route-3-200'];

interface Wanted {
  readonly architecture: 'arm64' | 'amd64';
  /** Installed with all that they depend on. */
  readonly installed: readonly string[];
  /** Taken for their files alone, without what they depend on. */
  readonly alone: readonly string[];
  /** Of what these depend on, the packages that `only` matches: the names of a kernel's packages hold its version. */
  readonly through?: { readonly name: string; readonly only: RegExp };
}

const BUILDER = [
  'bmap-tools',
  'ca-certificates',
  'device-tree-compiler',
  'dosfstools',
  'e2fsprogs',
  'erofs-utils',
  'fdisk',
  'g++-aarch64-linux-gnu',
  'gcc-aarch64-linux-gnu',
  'kmod',
  'make',
  'mtools',
  'openssl',
  'python3',
  'rauc',
  'squashfs-tools',
  'systemd',
  'u-boot-tools',
  'udev',
  'xz-utils',
  'zstd',
];

export const WANTED: Readonly<Record<Role, Wanted>> = {
  device: {
    architecture: 'arm64',
    installed: [
      '?essential',
      'dbus',
      'dosfstools',
      'dropbear-bin',
      'e2fsprogs',
      'fdisk',
      'iproute2',
      'iw',
      'kmod',
      'libasound2-data',
      'libasound2t64',
      'libopus0',
      'libspeexdsp1',
      'libstdc++6',
      'mount',
      'nftables',
      'rauc',
      'rauc-service',
      'systemd',
      'systemd-resolved',
      'systemd-sysv',
      'tzdata',
      'udev',
      'util-linux',
      'wireless-regdb',
      'wpasupplicant',
    ],
    alone: [],
  },
  extracted: {
    architecture: 'arm64',
    installed: [],
    // ca-certificates asks a shell for each authority when it is installed: minutes under emulation.
    alone: [
      'busybox-static',
      'ca-certificates',
      'firmware-brcm80211',
      'libasound2-dev',
      'libasound2t64',
      'raspi-firmware',
      'u-boot-rpi',
    ],
    // Only from 7.2 on Debian's kernel has gpio-sim, by which a started card is tested.
    through: { name: `linux-image-arm64/${KERNELS}`, only: /^linux-(?:base|binary|image|modules)-\d/ },
  },
  'builder-amd64': { architecture: 'amd64', installed: ['?essential', ...BUILDER], alone: [] },
  'builder-arm64': { architecture: 'arm64', installed: ['?essential', ...BUILDER], alone: [] },
};

export const ROLES: readonly Role[] = ['device', 'extracted', 'builder-amd64', 'builder-arm64'];
export const builderOf = (architecture: string): Role =>
  architecture === 'arm64' ? 'builder-arm64' : 'builder-amd64';
