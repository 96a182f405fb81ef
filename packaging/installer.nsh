; "Open with" offers the control room for Python scripts. What opens them by itself stays what it was.
!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\IronCage.Script" "" "Python script"
  WriteRegStr SHELL_CONTEXT "Software\Classes\IronCage.Script\DefaultIcon" "" "$appExe,0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\IronCage.Script\shell\open\command" "" '"$appExe" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.py\OpenWithProgids" "IronCage.Script" ""
!macroend

!macro customUnInstall
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.py\OpenWithProgids" "IronCage.Script"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\IronCage.Script"
  ; Who runs the application writes this one, not the installer.
  DeleteRegKey HKCU "Software\Classes\iron-cage"
!macroend
