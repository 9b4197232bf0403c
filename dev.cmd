@echo off
rem dev run: set up and run the demo.  dev test: set up and run all checks and tests.  dev COMMAND ...: a radrecon command.
setlocal
cd /d "%~dp0"
set COMMAND=%1
if "%COMMAND%"=="" set COMMAND=run
if not exist .venv\Scripts\python.exe py -3 -m venv .venv || exit /b 1
.venv\Scripts\python -m pip install -q --disable-pip-version-check -r requirements.lock || exit /b 1
.venv\Scripts\python -m pip install -q --disable-pip-version-check --no-deps -e . || exit /b 1
for /f "tokens=1,* delims= " %%a in ("%*") do set REST=%%b
if "%COMMAND%"=="setup" exit /b 0
if "%COMMAND%"=="run" (.venv\Scripts\python -m radrecon demo %REST% & exit /b)
if "%COMMAND%"=="test" (.venv\Scripts\python -m tests %REST% & exit /b)
if "%COMMAND%"=="bench" (.venv\Scripts\python -m benchmarks %REST% & exit /b)
.venv\Scripts\python -m radrecon %COMMAND% %REST%
