#!/bin/sh
# The first process of the guest. Its root is the host's own, read-only; what it needs to know stands on the kernel's
# command line as NAME=value, which the kernel hands over as environment:
#   MODULES    directory that holds lib/modules, also where /tmp would hide it
#   LIMIT      seconds after which it is over, also when nobody is left who would end it
#   PROJECT    directory of the project on the host, also where /tmp would hide it
#   EXCHANGE   directory of the host, writable at /run/exchange; its start.sh is what the guest is for
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run
export PATH HOME
mount -t proc proc /proc
mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
for hidden in "$PROJECT" "$MODULES"; do
    [ -d "$hidden" ] || { mkdir -p "$hidden" && mount -r -t hostfs hidden "$hidden" -o "$hidden"; }
done
mount -t configfs configfs /sys/kernel/config
mount -t debugfs debugfs /sys/kernel/debug
exec </dev/console >/dev/console 2>&1
stty raw -echo
# libuv would use io_uring, whose mapped pages User-Mode Linux loses account of ("Bad page map", then a panic).
echo 2 >/proc/sys/kernel/io_uring_disabled
ip link set lo up
mkdir /run/exchange
mount -t hostfs exchange /run/exchange -o "$EXCHANGE"
# Off, without systemd: reboot(2) with LINUX_REBOOT_CMD_POWER_OFF.
off() { perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc)'; }
(sleep "$LIMIT"; off) &
sh /run/exchange/start.sh
echo "@@end $?"
off
