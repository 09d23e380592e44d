#!/usr/bin/env bash
# Builds the kernel of the guest: User-Mode Linux of Debian's sources, with GPIO, I2C and sound that exist only in
# software. Prints the directory that holds `linux`, `lib/modules` and `tree`, which modules are built against; what is
# there already is not built again. Needs: gcc libc6-dev make flex bison bc kmod xz-utils curl, for a while 2.5 GB in
# the cache, and three to ten minutes on two cores. With --where it builds nothing and fails where there is no kernel.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

package=linux-source-7.2_7.2.12-1~bpo13+1_all.deb
sha256=73ca6c22599ba411ab3179642d33501ca2c90174e13c3c8d86e996ea1cbf2a8f
mirror=http://deb.debian.org/debian/pool/main/l/linux

cache=${XDG_CACHE_HOME:-$HOME/.cache}/dualtone/guest
key=$( (echo "$package $sha256 $(gcc -dumpfullversion)"; cat "$here/guest.config") | sha256sum | cut -c1-16)
out=$cache/kernel-$key

say() { echo "$*" >&2; }

fetch() {
  local file=$cache/$package
  [ -f "$file" ] && echo "$sha256  $file" | sha256sum --check --quiet 2>/dev/null && return
  say "fetching Debian's kernel sources (165 MB) …"
  curl --fail --silent --show-error --location --max-time 600 --output "$file.part" "$mirror/$package"
  echo "$sha256  $file.part" | sha256sum --check --quiet
  mv "$file.part" "$file"
}

# An option whose dependencies are not met is dropped without a word.
took() {
  local line missing=()
  while read -r line; do
    grep -qx "$line" "$1" || missing+=("$line")
  done < <(grep '^CONFIG_' "$here/guest.config")
  [ "${#missing[@]}" -eq 0 ] || { echo "did not take: ${missing[*]}"; return 1; }
}

build() {
  local tree log
  work=$cache/work.$$
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"
  say "unpacking the kernel sources …"
  dpkg-deb --fsys-tarfile "$cache/$package" | tar -x -O --wildcards './usr/src/linux-source-*.tar.xz' | tar -x -J -C "$work"
  tree=$(echo "$work"/linux-source-*)
  log=$cache/build-$key.log
  say "building the guest's kernel (three to four minutes; $log) …"
  {
    make -C "$tree" ARCH=um defconfig
    (cd "$tree" && ARCH=um scripts/kconfig/merge_config.sh -m .config "$here/guest.config")
    make -C "$tree" ARCH=um olddefconfig
    took "$tree/.config"
    make -C "$tree" ARCH=um -j"$(nproc)" linux modules
    make -C "$tree" ARCH=um INSTALL_MOD_PATH="$work/out" INSTALL_MOD_STRIP=1 modules_install
  } >"$log" 2>&1 || { tail -n 20 "$log" >&2; say "the guest's kernel could not be built; all of it stands in $log"; exit 1; }
  strip -o "$work/out/linux" "$tree/linux"
  # What a module outside of the tree is built against.
  find "$tree" -type f \( -name '*.c' -o -name '*.o' -o -name '*.a' -o -name '*.rst' -o -name '*.dts*' -o -name '*.cmd' \) \
    ! -path '*/scripts/*' ! -path '*/tools/*' ! -name 'module*' -delete
  rm -rf "$tree"/{Documentation,drivers,fs,sound,net,tools/testing,vmlinux,vmlinux.unstripped,linux} "$tree"/arch/{arm*,mips,powerpc,s390,riscv,loongarch,parisc,sparc,m68k,sh}
  mv "$tree" "$work/out/tree"
  mv "$work/out" "$out"
}

mkdir -p "$cache"
if [ ! -x "$out/linux" ]; then
  [ "${1:-}" != --where ] || exit 1
  exec 9>"$cache/lock"
  flock 9
  [ -x "$out/linux" ] || { fetch; build; }
fi
echo "$out"
