/** What `npm start` brings along and every test runs under. better-sqlite3 crashes under Node 20 as soon as it is loaded. */
export const LEAST_NODE = 24

/** The exit code of a program of ours that refuses to run under this Node. */
export const OLD_NODE_EXIT = 1

/** Asked before anything else of ours is loaded; null where this Node will do. */
export function refuseOldNode(version: string): string | null {
  const major = Number.parseInt(version, 10)
  if (major >= LEAST_NODE) return null
  return `Iron Cage Control Room needs Node ${LEAST_NODE} or newer here, and this is Node ${version}: run it with a newer Node, or from its project folder with "npm start", which brings its own.`
}
