#!/usr/bin/env bash
# Prints the Homebrew formula of the command line tool. Its archives are in a directory, as
# scripts/release.sh leaves them.
#
#   scripts/release/formula.sh VERSION REPOSITORY DIRECTORY
set -euo pipefail
version=$1 repository=$2 directory=$3

# archive OS ARCH prints the lines with address and checksum of an archive.
archive() {
  local name=sidecar-$version-$1-$2.tar.gz sum
  sum=$(sha256sum "$directory/$name")
  printf '      url "%s/releases/download/v%s/%s"\n      sha256 "%s"\n' "$repository" "$version" "$name" "${sum%% *}"
}

cat <<END
class Sidecar < Formula
  desc "Stage and run Cloud Foundry apps with their sidecars"
  homepage "$repository"
  version "$version"
  license "Apache-2.0"

  on_macos do
    on_arm do
$(archive darwin arm64)
    end
    on_intel do
$(archive darwin amd64)
    end
  end

  on_linux do
    on_arm do
$(archive linux arm64)
    end
    on_intel do
$(archive linux amd64)
    end
  end

  def install
    libexec.install "sidecar", "config-server"
    bin.install_symlink libexec/"sidecar"
    generate_completions_from_executable(libexec/"sidecar", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/sidecar --version")
  end
end
END
