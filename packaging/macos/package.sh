#!/bin/sh
# Freeze radrecon on macOS as radrecon.app and wrap it in a disk image, into dist/.
# Environment: RADRECON_MACOS_IDENTITY = the Developer ID that signs; RADRECON_NOTARY_PROFILE = notarytool's keychain
# profile. Without the first nothing is signed, without the second nothing is notarised.
set -eu
cd "$(dirname "$0")/../.."
packaging/build icons
export RADRECON_ICON="$PWD/build/packaging/icons/radrecon.icns"
packaging/build frozen
app=build/packaging/now/frozen/radrecon.app
version="$("$app/Contents/MacOS/radrecon" --version | cut -d' ' -f2)"
image="dist/radrecon-$version.dmg"
if [ -n "${RADRECON_MACOS_IDENTITY:-}" ]; then
  codesign --force --deep --options runtime --timestamp --entitlements packaging/macos/entitlements.plist \
    --sign "$RADRECON_MACOS_IDENTITY" "$app"
  codesign --verify --strict --deep "$app"
fi
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
mkdir -p dist
hdiutil create -volname radrecon -srcfolder "$stage" -format UDZO -ov "$image"
if [ -n "${RADRECON_MACOS_IDENTITY:-}" ]; then codesign --sign "$RADRECON_MACOS_IDENTITY" --timestamp "$image"; fi
if [ -n "${RADRECON_NOTARY_PROFILE:-}" ]; then
  xcrun notarytool submit "$image" --keychain-profile "$RADRECON_NOTARY_PROFILE" --wait
  xcrun stapler staple "$image"
fi
echo "$image"
