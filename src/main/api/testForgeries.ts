/** What a rebinding or careless client may call us; the port is ours. */
export const FOREIGN_HOSTS: readonly (readonly [string, (port: number) => string])[] = [
  ['a name that points here', (port) => `rebind.example:${port}`],
  ['a name that ends like ours', (port) => `evil-localhost:${port}`],
  ['a name that begins like ours', (port) => `localhost.evil.example:${port}`],
  ['our address in a wildcard name', (port) => `127.0.0.1.nip.example:${port}`],
  ['the short spelling', (port) => `127.1:${port}`],
  ['the decimal spelling', (port) => `2130706433:${port}`],
  ['the octal spelling', (port) => `0177.0.0.1:${port}`],
  ['another loopback address', (port) => `127.0.0.2:${port}`],
  ['the unspecified address', (port) => `0.0.0.0:${port}`],
  ['the mapped address', (port) => `[::ffff:127.0.0.1]:${port}`],
  ['no port', () => '127.0.0.1'],
  ['another port', (port) => `127.0.0.1:${port + 1}`],
  ['a port with a zero before it', (port) => `127.0.0.1:0${port}`],
  ['a dot at the end', (port) => `localhost.:${port}`],
  ['a user before it', (port) => `owner@127.0.0.1:${port}`],
  ['two in one', (port) => `127.0.0.1:${port}, evil.example`],
  ['nothing in it', () => ''],
]

/** Pages that may not talk to us, where https://tool.example is allowed. */
export const FOREIGN_ORIGINS: readonly (readonly [string, (port: number) => string])[] = [
  ['a foreign page', () => 'https://evil.example'],
  ['the page of a file or a sandbox', () => 'null'],
  ['another port here', (port) => `http://127.0.0.1:${port + 1}`],
  ['no port', () => 'http://127.0.0.1'],
  ['another scheme', (port) => `https://127.0.0.1:${port}`],
  ['a name that begins like ours', (port) => `http://127.0.0.1:${port}.evil.example`],
  ['a name that ends like an allowed one', () => 'https://not-tool.example'],
  ['an allowed one with a path', () => 'https://tool.example/'],
  ['an allowed one without encryption', () => 'http://tool.example'],
  ['a rebinding name', (port) => `http://rebind.example:${port}`],
  ['two at once', (port) => `http://127.0.0.1:${port}, https://evil.example`],
  ['nothing in it', () => ''],
]
