import { chownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Root may write anywhere, so for a moment we are somebody else; whoever is not root has no such power to drop. */
export async function asStranger<R>(folder: string, action: () => R | Promise<R>): Promise<R> {
  const { geteuid, seteuid } = process
  if (geteuid?.() !== 0 || !seteuid) return action()
  const stranger = 65534
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) chownSync(path, stranger, stranger)
  seteuid(stranger)
  try {
    return await action()
  } finally {
    seteuid(0)
  }
}
