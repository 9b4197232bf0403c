# Freeze radrecon on Windows and wrap it: setup program (Inno Setup 6) and MSI (WiX 5), into dist\.
# Environment: PYTHON = the Python that is frozen (default: python),
#              RADRECON_WINSW = WinSW's x64 program (without it there is no service),
#              RADRECON_SIGN = the command that signs, with $f for the file (without it nothing is signed).
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")
function Run { & $args[0] $args[1..($args.Count - 1)]; if ($LASTEXITCODE) { throw "$($args[0]) failed" } }
function Sign($file) {
  if (-not $env:RADRECON_SIGN) { return }
  # cmd takes off the outer quotes and leaves those of the command alone
  $command = $env:RADRECON_SIGN.Replace('$f', "`"$file`"")
  $done = Start-Process cmd -ArgumentList "/s /c `"$command`"" -NoNewWindow -Wait -PassThru
  if ($done.ExitCode) { throw "$file was not signed" }
}

$venv = "build\packaging\venv"
$python = "$venv\Scripts\python.exe"
$base = if ($env:PYTHON) { $env:PYTHON } else { "python" }
if (-not (Test-Path $python)) { Run $base -m venv $venv }
Run $python packaging\tools\runtime.py | Set-Content -Encoding ascii "$venv\runtime.txt"
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
# Inno Setup's own way of writing a quote is $q
if ($env:RADRECON_SIGN) { $inno += @("/DSign", "/Sradrecon=$($env:RADRECON_SIGN.Replace('"', '$q'))") }
Run iscc @inno packaging\windows\radrecon.iss

if ($env:RADRECON_WINSW) {
  $service = New-Item -Force -ItemType Directory "build\packaging\service"
  Copy-Item $env:RADRECON_WINSW "$service\radrecon-engine.exe"
  Copy-Item packaging\windows\radrecon-engine.xml, packaging\windows\radrecon.toml, $env:RADRECON_ICON $service
  Run wix build -arch x64 -d "Version=$version" -bindpath "frozen=$frozen" -bindpath "service=$service" `
    -o "dist\radrecon-$version.msi" packaging\windows\radrecon.wxs
  Sign "$PWD\dist\radrecon-$version.msi"
}
