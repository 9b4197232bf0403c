; Inno Setup 6: one setup program. Built by package.ps1:
;   iscc /DVersion=0.1.0 /DFrozen=...\radrecon /DIcon=...\radrecon.ico [/DWinSW=...\WinSW.exe] [/Sradrecon=...] radrecon.iss
#ifndef Version
  #error Version is to be given: /DVersion=0.1.0
#endif

[Setup]
AppId={{6D0B7E0C-6A54-4B0F-9C53-1B7B2B7F1E11}
AppName=radrecon
AppVersion={#Version}
AppPublisher=radrecon
DefaultDirName={autopf}\radrecon
DefaultGroupName=radrecon
DisableProgramGroupPage=yes
UninstallDisplayIcon={app}\radreconw.exe
SetupIconFile={#Icon}
OutputBaseFilename=radrecon-{#Version}-setup
OutputDir=..\..\dist
Compression=lzma2
SolidCompression=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
; desks and engines that run from these files are closed first
CloseApplications=force
RestartApplications=no
#ifdef Sign
SignTool=radrecon
SignedUninstaller=yes
#endif

[Tasks]
Name: "hl7"; Description: "Offer radrecon for HL7 files (.hl7)"; Flags: unchecked
#ifdef WinSW
Name: "service"; Description: "Run the engine as a service of this computer"; Flags: unchecked
#endif

[Dirs]
Name: "{commonappdata}\radrecon"; Permissions: users-modify; Flags: uninsneveruninstall

[InstallDelete]
; modules of the former version must not stay beside those of this one
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Frozen}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion
#ifdef WinSW
Source: "radrecon.toml"; DestDir: "{commonappdata}\radrecon"; Flags: onlyifdoesntexist uninsneveruninstall; Tasks: service
Source: "{#WinSW}"; DestDir: "{app}"; DestName: "radrecon-engine.exe"; Flags: ignoreversion
Source: "radrecon-engine.xml"; DestDir: "{app}"; Flags: ignoreversion
#endif

[Icons]
Name: "{group}\radrecon"; Filename: "{app}\radreconw.exe"

[Registry]
Root: HKLM; Subkey: "Software\Classes\radrecon.hl7\shell\open\command"; ValueType: string; ValueData: """{app}\radrecon.exe"" ingest ""%1"""; Flags: uninsdeletekey; Tasks: hl7
Root: HKLM; Subkey: "Software\Classes\.hl7\OpenWithProgids"; ValueType: none; ValueName: "radrecon.hl7"; Flags: uninsdeletevalue; Tasks: hl7

[Run]
#ifdef WinSW
; the database is backed up before it is migrated, and left as it was if that fails
Filename: "{app}\radrecon.exe"; Parameters: "db upgrade --existing --config ""{commonappdata}\radrecon\radrecon.toml"""; Flags: runhidden; Tasks: service
Filename: "{app}\radrecon-engine.exe"; Parameters: "install"; Flags: runhidden; Tasks: service
Filename: "{app}\radrecon-engine.exe"; Parameters: "start"; Flags: runhidden; Tasks: service
#endif

[UninstallRun]
Filename: "{app}\radrecon-engine.exe"; Parameters: "stop"; Flags: runhidden skipifdoesntexist; RunOnceId: "stop"
Filename: "{app}\radrecon-engine.exe"; Parameters: "uninstall"; Flags: runhidden skipifdoesntexist; RunOnceId: "uninstall"

[Code]
function PrepareToInstall(var NeedsRestart: Boolean): String;
var
  Code: Integer;
  Service: String;
begin
  Service := ExpandConstant('{app}\radrecon-engine.exe');
  if FileExists(Service) then begin
    Exec(Service, 'stopwait', '', SW_HIDE, ewWaitUntilTerminated, Code);
    Exec(Service, 'uninstall', '', SW_HIDE, ewWaitUntilTerminated, Code);
  end;
  Result := '';
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Data: String;
begin
  Data := ExpandConstant('{commonappdata}\radrecon');
  if (Step = usPostUninstall) and DirExists(Data) and not UninstallSilent then
    if MsgBox('Delete all data of the radrecon service in ' + Data + ', too? They cannot be brought back.',
              mbConfirmation, MB_YESNO or MB_DEFBUTTON2) = IDYES then
      DelTree(Data, True, True, True);
end;
