import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

/** Whose work goes along with ours, and under which terms: what asks to be named is named wherever it is handed on. */
export const NOTICES = 'THIRD-PARTY-NOTICES.txt'
/** Where the notices of a package of the window are made; electron-builder puts them beside the archive, where people can read them. */
export const NOTICES_FILE = `.cache/${NOTICES}`

export interface Notice {
  readonly name: string
  readonly version: string
  readonly license: string
  /** Word for word, as they lie in the package. Some say their terms in package.json alone. */
  readonly texts: readonly string[]
  readonly author: string | null
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name?: string }
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>
}

const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i
const RULE = `\n\n${'-'.repeat(80)}\n\n`

/** The folder of the package that a file belongs to; null for a file of ours. */
export function packageOf(file: string): string | null {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/'))?.[0] ?? null
}

export function readNotice(folder: string): Notice {
  const { name, version, license = 'terms of its own', author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && LICENSE_FILE.test(entry.name))
  const texts = files.map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim()).sort()
  return { name, version, license, texts, author: (typeof author === 'string' ? author : author?.name) ?? null }
}

export function writtenNotices(head: string, notices: readonly Notice[]): string {
  const each = new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]))
  const parts = [...each].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, { license, texts, author }]) => {
    const named = `${title} (${license})${texts.length === 0 && author !== null ? `, by ${author}` : ''}`
    return [named, ...texts].join('\n\n')
  })
  return `${[head, ...parts].join(RULE)}\n`
}

/** What a style of ours takes from packages: it goes in as text, and is no module of the bundle. */
function stylesImportedBy(file: string, root: string): string[] {
  if (!file.endsWith('.css') || packageOf(file) !== null) return []
  const imported = readFileSync(file, 'utf8').matchAll(/@import\s+['"](?![./])([^'"]+)['"]/g)
  return [...imported].map(([, name]) => join(root, 'node_modules', name ?? '', 'style.css'))
}

/** Writes beside a bundle what of others has gone into it. */
export function bundledNotices(root: string): Plugin {
  const styles: string[] = []
  return {
    name: 'bundled-notices',
    enforce: 'pre',
    transform: (_code, id) => void styles.push(...stylesImportedBy(id, root)),
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []))
      const folders = new Set([...modules, ...styles].map((file) => packageOf(file.replace(/^\0/, ''))).filter((folder) => folder !== null))
      const notices = [...folders].filter((folder) => existsSync(join(folder, 'package.json'))).map(readNotice)
      if (notices.length > 0) this.emitFile({ type: 'asset', fileName: NOTICES, source: writtenNotices('Work of others is built into these files, under these terms.', notices) })
    },
  }
}

/** The folders of what goes along as it is: everything that npm installs without its tools, as far as it is for this system. */
export function installedPackages(root: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const needed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev)
  return needed.filter(([path, { optional }]) => !optional || existsSync(join(root, path))).map(([path]) => join(root, path))
}

/** For electron-builder's `beforePack`: all of them in one file. */
export default function writeNotices({ packager }: { readonly packager: { readonly projectDir: string } }): void {
  const root = packager.projectDir
  const bundled = readFileSync(join(root, 'out', 'renderer', NOTICES), 'utf8')
  const file = join(root, NOTICES_FILE)
  mkdirSync(dirname(file), { recursive: true })
  // Two packages may be made at once.
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${writtenNotices('This program loads work of others, under these terms.', installedPackages(root).map(readNotice))}\n${bundled}`)
  renameSync(draft, file)
}
