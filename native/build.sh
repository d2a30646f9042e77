#!/bin/sh
# Builds the shim for x64 and arm64 into prebuilt/, and records what it was built from and with.
#   build.sh          builds and writes prebuilt/BUILD.json
#   build.sh --check  0: the committed binaries are what these sources give; 1: they are not;
#                     77: another compiler or libc is installed here, so they cannot be compared
# Needs on Debian (with arm64 as a foreign architecture, for the libc only):
#   gcc musl-dev gcc-aarch64-linux-gnu musl-dev:arm64
# musl and not glibc: a static glibc makes this 50 times larger on disk and 20 times in memory.
set -eu
cd "$(dirname "$0")"
LC_ALL=C
export LC_ALL

sources="shim.c child.c log.c record.c text.c lock.c spawner.c"
warnings="-Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes"
code="-std=gnu11 -Os -fno-pie -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector -fno-ident"
link="-static -no-pie -nostdlib -s -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack"
musl=${MUSL_ROOT:-/usr}

sha() { sha256sum "$1" | cut -d' ' -f1; }
machine() { case $1 in x64) echo x86_64 ;; arm64) echo aarch64 ;; esac; }
compiler() {
  case $1 in
  x64) echo "${CC_X64:-$(command -v x86_64-linux-gnu-gcc || echo gcc)}" ;;
  arm64) echo "${CC_ARM64:-aarch64-linux-gnu-gcc}" ;;
  esac
}
compiler_version() { $(compiler "$1") --version | head -n 1 | sed 's/^[^ ]* //'; }
libc_sha() { sha "$musl/lib/$(machine "$1")-linux-musl/libc.a"; }

# compile ARCH OUTPUT
compile() {
  cc=$(compiler "$1")
  libc="$musl/lib/$(machine "$1")-linux-musl"
  # shellcheck disable=SC2086
  "$cc" $warnings $code $link -nostdinc -isystem "$musl/include/$(machine "$1")-linux-musl" \
    -isystem "$("$cc" -print-file-name=include)" -o "$2" \
    "$libc/crt1.o" "$libc/crti.o" $sources "$libc/libc.a" "$("$cc" -print-libgcc-file-name)" "$libc/crtn.o"
  chmod 0755 "$2"
}

describe() {
  printf '{\n  "flags": "%s %s %s",\n  "sources": {\n' "$warnings" "$code" "$link"
  comma=
  for file in shim.h $sources; do
    printf '%s    "%s": "%s"' "$comma" "$file" "$(sha "$file")"
    comma=',
'
  done
  printf '\n  },\n  "outputs": {\n'
  comma=
  for arch in x64 arm64; do
    printf '%s    "linux-%s": {\n      "compiler": "%s",\n      "libc_a_sha256": "%s",\n      "bytes": %s,\n      "sha256": "%s"\n    }' \
      "$comma" "$arch" "$(compiler_version $arch)" "$(libc_sha $arch)" \
      "$(wc -c <"$1/linux-$arch/annalist-shim" | tr -d ' ')" "$(sha "$1/linux-$arch/annalist-shim")"
    comma=',
'
  done
  printf '\n  }\n}\n'
}

build_into() {
  for arch in x64 arm64; do
    mkdir -p "$1/linux-$arch"
    compile "$arch" "$1/linux-$arch/annalist-shim"
  done
  describe "$1" >"$1/BUILD.json"
}

# recorded ARCH FIELD, read without a JSON parser from the layout that describe writes
recorded() { sed -n "/\"linux-$1\": {/,/}/s/.*\"$2\": \"\(.*\)\".*/\1/p" prebuilt/BUILD.json; }

check() {
  bad=0
  for file in shim.h $sources; do
    grep -q "\"$file\": \"$(sha "$file")\"" prebuilt/BUILD.json || { echo "$file changed since the build" && bad=1; }
  done
  for arch in x64 arm64; do
    [ "$(recorded $arch sha256)" = "$(sha prebuilt/linux-$arch/annalist-shim)" ] || { echo "linux-$arch is not the binary that was recorded" && bad=1; }
  done
  [ $bad = 0 ] || return 1
  for arch in x64 arm64; do
    if ! command -v "$(compiler $arch)" >/dev/null || [ ! -f "$musl/lib/$(machine $arch)-linux-musl/libc.a" ] ||
      [ "$(recorded $arch compiler)" != "$(compiler_version $arch)" ] || [ "$(recorded $arch libc_a_sha256)" != "$(libc_sha $arch)" ]; then
      echo "cannot compare: linux-$arch was built with $(recorded $arch compiler) and another libc or compiler is installed here"
      return 77
    fi
  done
  temp=$(mktemp -d)
  trap 'rm -rf "$temp"' EXIT
  build_into "$temp"
  for file in BUILD.json linux-x64/annalist-shim linux-arm64/annalist-shim; do
    cmp "$temp/$file" "prebuilt/$file" || bad=1
  done
  [ $bad = 1 ] || echo "the committed binaries are what these sources give"
  return $bad
}

case ${1:-} in
--check) check ;;
'') build_into prebuilt ;;
*) echo "usage: build.sh [--check]" >&2 && exit 64 ;;
esac
