/** Under which names this door answers, and which pages may talk to it. Everything is compared exactly. */
export interface Addresses {
  readonly hosts: ReadonlySet<string>
  /** Pages that this door served itself. */
  readonly ownOrigins: ReadonlySet<string>
  /** Pages from elsewhere that may call with a bearer token. */
  readonly foreignOrigins: ReadonlySet<string>
  /** Cookies do not know ports: without it in the name two rooms on one machine would sign each other out. */
  readonly cookieName: string
}

export function addressesOf(port: number, foreignOrigins: readonly string[]): Addresses {
  // A browser leaves out the port of plain HTTP.
  const ports = port === 80 ? [`:${port}`, ''] : [`:${port}`]
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].flatMap((name) => ports.map((suffix) => name + suffix))
  return {
    hosts: new Set(hosts),
    ownOrigins: new Set(hosts.map((host) => `http://${host}`)),
    foreignOrigins: new Set(foreignOrigins),
    cookieName: `iron_cage_${port}`,
  }
}
