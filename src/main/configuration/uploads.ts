import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { LARGEST_UPLOAD_BYTES } from '../../shared/domain/uploadLimit.ts'
import { AppError } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/format.ts'
import type { Clock, Random } from '../ports.ts'
import { kindOfScript, looksRunnable } from './scriptFile.ts'

export interface UploadedFile {
  readonly name: string
  readonly contentBase64: string
}

export interface UploadOptions {
  readonly dataFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly platform?: NodeJS.Platform
}

/** Windows reads drives, streams and patterns out of these. */
const WINDOWS_FORBIDS = /[:*?"<>|]/

interface Content {
  readonly name: string
  readonly bytes: Buffer
}

/** Puts dropped files into a workspace folder of their own and gives the path of the script to run. */
export async function keepUpload(uploaded: readonly UploadedFile[], { dataFolder, clock, random, platform = process.platform }: UploadOptions): Promise<string> {
  const files = uploaded.map(({ name, contentBase64 }) => ({ name, bytes: Buffer.from(contentBase64, 'base64') }))
  refuseTooMuch(files)
  refuseTwins(files)
  if (platform === 'win32') refuseForeignNames(files)
  const script = chooseScript(files)
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  const folder = join(dataFolder, 'workspaces', `${day}-${random.hex(4)}`)
  await mkdir(join(dataFolder, 'workspaces'), { recursive: true, mode: 0o700 })
  // Not recursive: a folder that is there already belongs to somebody else.
  await mkdir(folder, { mode: 0o700 })
  try {
    for (const { name, bytes } of files) {
      await writeFile(join(folder, name), bytes, { flag: 'wx', mode: 0o600 })
      // A drop carries no permissions; what can run only by itself must be allowed to.
      if (looksRunnable(bytes)) await chmod(join(folder, name), 0o700)
    }
  } catch (problem) {
    await rm(folder, { recursive: true, force: true })
    throw problem
  }
  return join(folder, script)
}

function refuseTooMuch(files: readonly Content[]): void {
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (total <= LARGEST_UPLOAD_BYTES) return
  throw new AppError('TOO_LARGE', `These files have ${formatBytes(total)} together; at most ${formatBytes(LARGEST_UPLOAD_BYTES)} can be dropped at once.`)
}

function refuseForeignNames(files: readonly Content[]): void {
  const foreign = files.find(({ name }) => WINDOWS_FORBIDS.test(name))
  if (foreign) throw new AppError('INVALID_INPUT', `Windows allows no file to be called ${foreign.name}; give it a name without : * ? " < > and |.`)
}

function refuseTwins(files: readonly Content[]): void {
  const seen = new Set<string>()
  for (const { name } of files) {
    // Some file systems take "Agent.py" and "agent.py" for one file.
    if (seen.has(name.toLowerCase())) throw new AppError('INVALID_INPUT', `Two of the files are called ${name}; give each a name of its own.`)
    seen.add(name.toLowerCase())
  }
}

/** Python before Node before programs; among several of one sort, the one that calls itself agent or main. */
function chooseScript(files: readonly Content[]): string {
  const groups = [
    files.filter(({ name }) => kindOfScript(name) === 'python'),
    files.filter(({ name }) => kindOfScript(name) === 'node'),
    files.filter(({ name, bytes }) => kindOfScript(name) === 'executable' && looksRunnable(bytes)),
  ]
  const names = groups.find((group) => group.length > 0)?.map(({ name }) => name) ?? []
  if (names.length === 0) {
    throw new AppError('INVALID_INPUT', 'None of these files can be run; drop a .py, .js or .ts script, or a program, with the files that it needs.')
  }
  const [only] = names
  if (names.length === 1 && only !== undefined) return only
  const [first, second] = leaders(names)
  if (first !== undefined && second === undefined) return first
  throw new AppError(
    'INVALID_INPUT',
    `Several of these files can be run (${names.slice(0, 5).join(', ')}); call the one to start agent${extname(names[0] ?? '')} or main${extname(names[0] ?? '')}.`,
  )
}

/** `agent.py` itself leads alone, then `main.py`; else whatever begins or ends so. */
function leaders(names: readonly string[]): string[] {
  const stem = (name: string): string => basename(name, extname(name)).toLowerCase()
  for (const word of ['agent', 'main']) {
    const exact = names.filter((name) => stem(name) === word)
    if (exact.length > 0) return exact
  }
  return names.filter((name) => /^(agent|main)|[_-]?(agent|main)$/.test(stem(name)))
}
