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

/** What somebody may make of a token of a sign-in who has no key. */
export function forgeriesOf(token: string): readonly (readonly [string, string])[] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const decode = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  const claims = decode(payload)
  const altered = (changes: Record<string, unknown>): string => `${header}.${encode({ ...claims, ...changes })}.${signature}`
  const flipped = (part: string): string => (part.startsWith('A') ? 'B' : 'A') + part.slice(1)
  return [
    ...['none', 'None', 'NONE', ''].flatMap((alg): [string, string][] => [
      [`the algorithm "${alg}" and no signature`, `${encode({ alg, typ: 'JWT' })}.${payload}.`],
      [`the algorithm "${alg}" and the old signature`, `${encode({ alg, typ: 'JWT' })}.${payload}.${signature}`],
    ]),
    ['no algorithm', `${encode({ typ: 'JWT' })}.${payload}.${signature}`],
    ['another algorithm', `${encode({ alg: 'HS512', typ: 'JWT' })}.${payload}.${signature}`],
    ['a public key of its own in the header', `${encode({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' }, typ: 'JWT' })}.${payload}.${signature}`],
    ['a critical header', `${encode({ alg: 'HS256', crit: ['b64'], b64: false })}.${payload}.${signature}`],
    ['no signature', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['a flipped signature', `${header}.${payload}.${flipped(signature)}`],
    ['half a signature', `${header}.${payload}.${signature.slice(0, 20)}`],
    ['a foreign signature', `${header}.${payload}.${Buffer.alloc(32, 7).toString('base64url')}`],
    ['another role', altered({ role: 'viewer' })],
    ['another name', altered({ sub: 'owner' })],
    ['the owner’s name and no stamp', altered({ sub: 'owner', stamp: undefined })],
    ['a later end', altered({ exp: (claims['exp'] as number) + 1 })],
    ['no end', altered({ exp: undefined })],
    ['another id', altered({ jti: 'x' })],
    ['another use', altered({ aud: 'iron-cage/session' })],
  ]
}
