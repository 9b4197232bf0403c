@echo off
rem What Windows runs on an HL7 file. Messages change orders and patients, so a person is asked first.
echo This file is to be taken into radrecon's database, as if its messages had been received:
echo   "%~1"
set "answer="
set /p "answer=Go on? [y/N] "
if /i "%answer%"=="y" ("%~dp0radrecon.exe" ingest "%~1") else (echo Nothing was taken in.)
pause
