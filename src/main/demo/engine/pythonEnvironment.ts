type Environment = Readonly<Record<string, string | undefined>>

/** What programs need to know of the machine and of the way out. Keys of services and all that is ours are not among it. */
const OF_THE_MACHINE = [
  'PATH', 'PATHEXT', 'HOME', 'USER', 'LOGNAME', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES',
  'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LANGUAGE', 'TZ', 'LD_LIBRARY_PATH',
  'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE',
] as const
const OF_THE_MACHINE_BEGIN = /^(LC_|XDG_|PYENV_|DYLD_)/

/** Where pip finds packages, and how. What sends them elsewhere, such as PIP_TARGET, would change the user's own Python. */
const OF_PIP = /^PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CERT|CLIENT_CERT|PROXY|TRUSTED_HOST|CONFIG_FILE|CACHE_DIR|NO_CACHE_DIR|DEFAULT_TIMEOUT|TIMEOUT|KEYRING_PROVIDER)$/

/** Where this user's Python looks for packages: the agent's will look there too. */
const OF_PYTHON = ['PYTHONPATH', 'PYTHONHOME', 'PYTHONUSERBASE', 'PYTHONNOUSERSITE']

function keep(environment: Environment, isKept: (name: string) => boolean): Record<string, string> {
  const kept = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && isKept(entry[0]))
  return Object.fromEntries(kept)
}

function isOfTheMachine(name: string): boolean {
  const upper = name.toUpperCase()
  return (OF_THE_MACHINE as readonly string[]).includes(upper) || OF_THE_MACHINE_BEGIN.test(upper)
}

/** For a look at a Python: it finds the packages that it would find for the agent, and writes nothing beside them. */
export function lookingEnvironment(environment: Environment): Record<string, string> {
  return { ...keep(environment, (name) => isOfTheMachine(name) || OF_PYTHON.includes(name.toUpperCase())), PYTHONDONTWRITEBYTECODE: '1' }
}

/** For pip: the way to the packages, and nothing that leads out of the folder that they are put into. */
export function installingEnvironment(environment: Environment): Record<string, string> {
  return { ...keep(environment, (name) => isOfTheMachine(name) || OF_PIP.test(name)), PYTHONUNBUFFERED: '1', PYTHONNOUSERSITE: '1', PYTHONIOENCODING: 'utf-8' }
}
