# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What both image builders share: the cache, Debian's cloud kernel, and a bootable disk without loop devices or mounts.

cache=${AKASHI_CACHE:-/var/cache/akashi}
grub=/usr/lib/grub/i386-pc

image_die()
{
    echo "images: $*" >&2
    exit 1
}

# image_stamp FILE...: one line that changes with the builder's files; an image with the same stamp is not built again.
image_stamp()
{
    cat "$@" | sha256sum | cut -d' ' -f1
}

# image_disk ROOT SIZE_MIB LABEL UUID OUT: makes OUT, a compressed qcow2 with an MBR, one ext4 partition filled from the folder
# ROOT, and GRUB in the gap before it, which reads /boot/grub/grub.cfg there. The file system is made by mkfs itself and GRUB's
# two parts are written where its installer would put them, so neither root's loop devices nor mounts are needed.
image_disk()
{
    local root=$1 size_mib=$2 label=$3 uuid=$4 out=$5 raw start_kib=1024 core size
    raw=$(mktemp "$cache/disk.XXXXXX")
    core=$(mktemp "$cache/core.XXXXXX")
    mkdir -p "$root/boot/grub"
    grub-mkimage -O i386-pc -d "$grub" -p '(hd0,msdos1)/boot/grub' -o "$core" biosdisk part_msdos ext2 linux normal configfile \
        echo serial terminal test search
    size=$(stat -c %s "$core")
    [ "$size" -lt $((start_kib * 1024 - 512)) ] || image_die "GRUB's core is too big for the gap before the partition"
    truncate -s "${size_mib}M" "$raw"
    printf 'label: dos\nstart=%d, type=83, bootable\n' $((start_kib * 2)) | sfdisk -q "$raw"
    mkfs.ext4 -q -F -L "$label" -U "$uuid" -E "offset=$((start_kib * 1024)),lazy_itable_init=1,nodiscard" \
        -d "$root" "$raw" $((size_mib * 1024 - start_kib))k
    dd if="$grub/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
    dd if="$core" of="$raw" bs=512 seek=1 conv=notrunc status=none
    qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd "$raw" "$out.new"
    rm -f "$raw" "$core"
    chmod 0644 "$out.new"
    mv "$out.new" "$out"
}

# image_kernel: downloads Debian's current kernel for virtual machines and prints the package's path in the cache.
image_kernel()
{
    local package file
    package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
    [ -n "$package" ] || image_die "apt knows no linux-image-cloud-amd64: run apt-get update (Debian 12, main)"
    mkdir -p "$cache/packages"
    file=$(apt-get --print-uris download "$package" 2>/dev/null | cut -d' ' -f2)
    if [ ! -s "$cache/packages/$file" ]; then
        (cd "$cache/packages" && apt-get -q -o APT::Sandbox::User=root download "$package" >/dev/null)
    fi
    [ -s "$cache/packages/$file" ] || image_die "could not download $package"
    echo "$cache/packages/$file"
}
