# Freeze radrecon on Windows and wrap it: setup program (Inno Setup 6) and MSI (WiX 5), into dist\.
# Environment: RADRECON_WINSW = WinSW's x64 program (without it there is no service),
#              RADRECON_SIGN = the command that signs, with $f for the file (without it nothing is signed).
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")
function Run { & $args[0] $args[1..($args.Count - 1)]; if ($LASTEXITCODE) { throw "$($args[0]) failed" } }
function Sign($file) { if ($env:RADRECON_SIGN) { Run cmd /c ($env:RADRECON_SIGN -replace '\$f', "`"$file`"") } }

$venv = "build\packaging\venv"
$python = "$venv\Scripts\python.exe"
if (-not (Test-Path $python)) { Run py -3 -m venv $venv }
Run $python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' |
  Set-Content "$venv\runtime.txt"
Run $python -m pip install -q -c requirements.lock -r "$venv\runtime.txt" -r packaging\requirements.txt
$env:PYTHONPATH = "$PWD;$PWD\packaging\tools"
Run $python packaging\tools\build.py icons
$env:RADRECON_ICON = "$PWD\build\packaging\icons\radrecon.ico"
Run $python packaging\tools\build.py frozen
$frozen = "$PWD\build\packaging\now\frozen\radrecon"
$version = (& "$frozen\radrecon.exe" --version).Split(" ")[1]
Sign "$frozen\radrecon.exe"
Sign "$frozen\radreconw.exe"

$inno = @("/DVersion=$version", "/DFrozen=$frozen", "/DIcon=$env:RADRECON_ICON")
if ($env:RADRECON_WINSW) { $inno += "/DWinSW=$env:RADRECON_WINSW" }
if ($env:RADRECON_SIGN) { $inno += @("/DSign", "/Sradrecon=$env:RADRECON_SIGN") }
Run iscc @inno packaging\windows\radrecon.iss

if ($env:RADRECON_WINSW) {
  $service = New-Item -Force -ItemType Directory "build\packaging\service"
  Copy-Item $env:RADRECON_WINSW "$service\radrecon-engine.exe"
  Copy-Item packaging\windows\radrecon-engine.xml, packaging\windows\radrecon.toml, $env:RADRECON_ICON $service
  Run wix build -arch x64 -d "Version=$version" -bindpath "frozen=$frozen" -bindpath "service=$service" `
    -o "dist\radrecon-$version.msi" packaging\windows\radrecon.wxs
  Sign "$PWD\dist\radrecon-$version.msi"
}
