# Chooses the slot, counts the start, starts the kernel. U-Boot's shell (hush, the old parser) knows no functions: what is
# needed twice is a variable that "run" carries out. image/README.md says what the names of the boot state mean.
#
# Numbers are hexadecimal without 0x, as setexpr reads and writes them.

# Where things lie in memory. The kernel is unpacked to where it stays: at a multiple of 2 MiB booti need not move it, which
# takes a Pi 3 seconds. All of it ends below 256 MiB (0x10000000), which the smallest board (Zero 2 W) has beside its GPU.
setenv kernel_at 0x00200000
setenv kernel_size 0x04800000
setenv firmware_tree_at 0x05000000
setenv tree_at 0x06000000
setenv overlay_at 0x06800000
setenv state_at 0x07000000
setenv initrd_at 0x08000000
setenv packed_at 0x0c000000
if test -z "${devtype}"; then setenv devtype mmc; setenv devnum 0; fi

# The firmware's device tree lies where it pleased the firmware: away from what is loaded.
fdt addr ${fdt_addr}
fdt move ${fdt_addr} ${firmware_tree_at} 0x40000

# --- The boot state ---------------------------------------------------------------------------------------------------
setenv names "seq order a_left b_left a_good b_good fell board extra"
setenv forget 'for n in ${names}; do setenv ${n}; done'

# Of a copy only the known names, and nothing of what was read before. A copy that was cut off has another checksum, or
# another size.
setenv take 'run forget; if load ${devtype} ${devnum}:2 ${state_at} state_${copy}; then if test 0x${filesize} -eq 0x1000; then env import -c ${state_at} 0x1000 ${names}; fi; fi'

# The copy that was read stays as it is; the write goes to the other one, and the next to this one. After a write that failed
# the other one may be spoiled: it is tried again, and the valid one left alone.
setenv put 'setexpr seq ${seq} + 1; env export -c -s 0x1000 ${state_at} ${names}; if fatwrite ${devtype} ${devnum}:2 ${state_at} state_${into} 0x1000; then echo "dualtone: state_${into} written, seq ${seq}"; if test ${into} = a; then setenv into b; else setenv into a; fi; else echo "dualtone: state_${into} cannot be written"; fi'

setenv newest; setenv newest_seq
for c in a b; do
  setenv copy ${c}
  run take
  if test -z "${seq}"; then
    echo "dualtone: state_${c} is not valid"
  elif test -z "${newest}"; then
    setenv newest ${c}; setenv newest_seq ${seq}
  elif test 0x${seq} -gt 0x${newest_seq}; then
    setenv newest ${c}; setenv newest_seq ${seq}
  fi
done

if test -n "${newest}"; then
  setenv copy ${newest}
  run take
  echo "dualtone: boot state is state_${copy}, seq ${seq}"
else
  run forget
  echo "dualtone: no boot state, A then B"
fi
if test "${newest}" = a; then setenv into b; else setenv into a; fi

# Whatever is missing or makes no sense is as on a new card.
if test -z "${seq}"; then setenv seq 0; fi
if test "${order}" != "b a"; then setenv order "a b"; fi
setenv sane 'if test "${left}" != 0 -a "${left}" != 1 -a "${left}" != 2; then setenv left 3; fi'
setenv left "${a_left}"; run sane; setenv a_left ${left}
setenv left "${b_left}"; run sane; setenv b_left ${left}

# --- A slot -----------------------------------------------------------------------------------------------------------
setenv choose 'setenv slot; for s in ${order}; do if test ${s} = a; then setenv left ${a_left}; else setenv left ${b_left}; fi; if test -z "${slot}"; then if test ${left} = 0; then setenv fell ${s}; echo "dualtone: slot ${s} has no start left"; else setenv slot ${s}; setenv starts ${left}; fi; fi; done'
setenv given_up 'echo "dualtone: slot ${slot} cannot be loaded"; setenv ${slot}_left 0; setenv fell ${slot}'

setenv load_tree 'fdt addr ${firmware_tree_at}; fdt move ${firmware_tree_at} ${tree_at} 0x40000'
setenv overlay 'if load ${devtype} ${devnum}:${boot} ${overlay_at} overlays/${board}.dtbo; then if fdt apply ${overlay_at}; then echo "dualtone: overlay ${board}"; else echo "dualtone: overlay ${board} does not fit"; run load_tree; fi; else echo "dualtone: no overlay ${board}"; fi'

# slot.txt: "words=…", the kernel's words, and "version=…".
setenv start 'setenv bootargs "root=PARTUUID=d0a17e01-0${root} ro dualtone.slot=${slot} rauc.slot=${name} ${words} ${extra}"; run load_tree; if test -n "${board}"; then run overlay; fi; echo "dualtone: starting ${version} from slot ${slot}"; booti ${kernel_at} ${initrd_at}:${initrd_size} ${tree_at}'

# Four rounds: each slot, and each once more with new starts.
for round in 1 2 3 4; do
  if test ${a_left} = 0 -a ${b_left} = 0; then
    echo "dualtone: neither slot has a start left, both get three again"
    setenv a_left 3; setenv b_left 3
  fi
  run choose
  if test ${slot} = a; then
    setenv name A; setenv boot 5; setenv root 7
  else
    setenv name B; setenv boot 6; setenv root 8
  fi
  # Counted before the first octet of it is read: whatever hangs from here on has cost a start.
  setexpr left ${starts} - 1
  setenv ${slot}_left ${left}
  echo "dualtone: slot ${slot} of ${order}, start ${starts} of 3"
  run put

  setenv words; setenv version
  if load ${devtype} ${devnum}:${boot} ${state_at} slot.txt && env import -t ${state_at} ${filesize} words version && load ${devtype} ${devnum}:${boot} ${initrd_at} initrd; then
    setenv initrd_size ${filesize}
    if load ${devtype} ${devnum}:${boot} ${packed_at} Image.gz && unzip ${packed_at} ${kernel_at} ${kernel_size}; then run start; fi
  fi
  run given_up
done
echo "dualtone: no slot can be loaded; once more from the beginning"
sleep 5
reset
