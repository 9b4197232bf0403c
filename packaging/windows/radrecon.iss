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
Source: "ingest-files.cmd"; DestDir: "{app}"; Flags: ignoreversion
#ifdef WinSW
Source: "radrecon.toml"; DestDir: "{commonappdata}\radrecon"; Flags: onlyifdoesntexist uninsneveruninstall; Tasks: service
Source: "{#WinSW}"; DestDir: "{app}"; DestName: "radrecon-engine.exe"; Flags: ignoreversion
Source: "radrecon-engine.xml"; DestDir: "{app}"; Flags: ignoreversion
#endif

[Icons]
Name: "{group}\radrecon"; Filename: "{app}\radreconw.exe"

[Registry]
Root: HKLM; Subkey: "Software\Classes\radrecon.hl7"; ValueType: string; ValueData: "HL7 messages"; Flags: uninsdeletekey; Tasks: hl7
Root: HKLM; Subkey: "Software\Classes\radrecon.hl7\shell\open\command"; ValueType: string; ValueData: """{app}\ingest-files.cmd"" ""%1"""; Tasks: hl7
Root: HKLM; Subkey: "Software\Classes\.hl7\OpenWithProgids"; ValueType: none; ValueName: "radrecon.hl7"; Flags: uninsdeletevalue; Tasks: hl7

[UninstallRun]
; WinSW 2 waits for the end with the first, WinSW 3 with the second
Filename: "{app}\radrecon-engine.exe"; Parameters: "stopwait"; Flags: runhidden skipifdoesntexist; RunOnceId: "stopwait"
Filename: "{app}\radrecon-engine.exe"; Parameters: "stop"; Flags: runhidden skipifdoesntexist; RunOnceId: "stop"
Filename: "{app}\radrecon-engine.exe"; Parameters: "uninstall"; Flags: runhidden skipifdoesntexist; RunOnceId: "uninstall"

[Code]
function Wrapper(Arguments: String): Boolean;
var
  Code: Integer;
begin
  Result := Exec(ExpandConstant('{app}\radrecon-engine.exe'), Arguments, '', SW_HIDE, ewWaitUntilTerminated, Code)
            and (Code = 0);
end;

function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  if FileExists(ExpandConstant('{app}\radrecon-engine.exe')) then begin
    Wrapper('stopwait');
    Wrapper('stop');
    Wrapper('uninstall');
  end;
  Result := '';
end;

#ifdef WinSW
// The database is backed up before it is migrated. If that fails it is as it was, and the service is not started.
procedure CurStepChanged(Step: TSetupStep);
var
  Code: Integer;
  Arguments: String;
begin
  if (Step <> ssPostInstall) or not WizardIsTaskSelected('service') then Exit;
  Arguments := ExpandConstant('db upgrade --existing --config "{commonappdata}\radrecon\radrecon.toml"');
  if Exec(ExpandConstant('{app}\radrecon.exe'), Arguments, '', SW_HIDE, ewWaitUntilTerminated, Code) and (Code = 0) then begin
    if not (Wrapper('install') and Wrapper('start')) then
      SuppressibleMsgBox('The service radrecon-engine was not started; see the log in '
                         + ExpandConstant('{commonappdata}\radrecon\log') + '.', mbError, MB_OK, IDOK);
  end else
    SuppressibleMsgBox('The database was not migrated and is as it was before; the service is not started.' + #13#10
                       + 'In a console, radrecon ' + Arguments + ' says why.', mbError, MB_OK, IDOK);
end;
#endif

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
