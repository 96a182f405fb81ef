import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NOTICES } from './packaging/notices.ts'

/** What comes from others: under which terms, and what of it may run while it is installed. Read from the lock file, which says what every machine gets. */

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly resolved?: string
  readonly integrity?: string
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
}

const root = join(import.meta.dirname, '..')
const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8')) as unknown
const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> }
const manifest = read('package.json') as { dependencies: Record<string, string>; devDependencies: Record<string, string>; allowScripts: Record<string, boolean> }
const locked = Object.entries(packages).filter(([path]) => path !== '')

/** Terms that ask for no more than to be named. Of "A OR B" one has to be among them. */
const FREE: ReadonlySet<string> = new Set(['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Unlicense', 'CC0-1.0', 'Python-2.0', 'WTFPL'])
/** These ask for more where they are changed or handed on: what builds and tests may have them, what we hand on may not. */
const FREE_WHILE_BUILDING: ReadonlySet<string> = new Set(['MPL-2.0', 'CC-BY-4.0'])

function isWithin(license: string | undefined, allowed: (one: string) => boolean): boolean {
  const words = (license ?? '').replace(/[()]/g, '').split(' OR ')
  return words.some((word) => word.split(' AND ').every(allowed))
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** In our own bundles although npm counts them as tools: the page's libraries. */
const inThePage = ['vue', 'pinia', 'reka-ui', 'chart.js', 'class-variance-authority', 'clsx', 'tailwind-merge', '@lucide/vue', '@xterm/xterm', '@xterm/addon-fit', '@xterm/addon-search', '@xterm/addon-web-links']

/** What that section speaks of besides: what was not chosen, a package under another name, and words of programs. */
const NO_DEPENDENCIES: ReadonlySet<string> = new Set(['redis', '@github/keytar', 'fetch', 'bigint'])

/** And what these have brought along, once there is a build: it says so itself. */
const builtPage = join(root, 'out/renderer', NOTICES)
const builtIn = existsSync(builtPage) ? [...readFileSync(builtPage, 'utf8').matchAll(/^(\S+) \d+\.\d+\.\S+ \(.+\)$/gm)].map(([, name]) => name ?? '') : []

describe('every package of others', () => {
  it('comes under terms that we have read', () => {
    const others = locked.filter(([, { license }]) => !isWithin(license, (one) => FREE.has(one) || FREE_WHILE_BUILDING.has(one)))
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
  })

  it('that is handed on asks for no more than to be named', () => {
    const handedOn = locked.filter(([path, { dev }]) => !dev || [...inThePage, ...builtIn].includes(nameOf(path)))
    expect(handedOn.length).toBeGreaterThan(60)
    if (existsSync(builtPage)) expect(builtIn).toContain('@vue/runtime-dom')
    expect(handedOn.filter(([, { license }]) => !isWithin(license, (one) => FREE.has(one))).map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
  })

  it('says in its own folder what the lock says of it', () => {
    for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]) {
      const folder = join('node_modules', name)
      if (!existsSync(join(root, folder))) continue
      const { license, version } = read(join(folder, 'package.json')) as LockedPackage
      expect([name, version, license]).toEqual([name, packages[folder]?.version, packages[folder]?.license])
    }
  })

  it('is named with its exact version', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, version]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    expect(loose).toEqual([])
  })

  it('was chosen for a reason that docs/decisions.md gives in a line, and no other stands there', () => {
    const [, section = ''] = readFileSync(join(root, 'docs', 'decisions.md'), 'utf8').split(/^## .+$/m)
    const told = [...section.matchAll(/`((?:@[\w-]+\/)?[\w.-]+)`/g)].map(([, name]) => name!)
    // Types belong to what they describe.
    const chosen = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)].filter((name) => !name.startsWith('@types/'))
    expect(chosen.filter((name) => !told.includes(name))).toEqual([])
    expect(told.filter((name) => !chosen.includes(name) && !NO_DEPENDENCIES.has(name))).toEqual([])
  })

  it('is known by its content, and by no host that it once came from', () => {
    expect(locked.filter(([, { link, integrity, inBundle }]) => !link && !inBundle && !/^sha512-/.test(integrity ?? '')).map(([path]) => path)).toEqual([])
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
    expect(text).not.toMatch(/https?:[^"]*\.tgz/)
  })
})

describe('what runs while packages are installed', () => {
  /** Each with why it needs no leave, or has it. */
  const KNOWN: Readonly<Record<string, string>> = {
    node: 'has leave: puts the Node that everything runs under in its place',
    'node-pty': 'has leave: compiled here, since it ships no program for Linux',
    keytar: 'no leave: its programs lie in the package',
    'electron-winstaller': 'no leave: makes another kind of installer for Windows than ours',
  }

  it('is known by name', () => {
    const found = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
    expect(found.filter((name) => KNOWN[name] === undefined)).toEqual([])
  })

  it('has leave for exactly the version that the lock names', () => {
    for (const [wanted, isAllowed] of Object.entries(manifest.allowScripts)) {
      const at = wanted.lastIndexOf('@')
      expect([wanted, isAllowed, packages[`node_modules/${wanted.slice(0, at)}`]?.version]).toEqual([wanted, true, wanted.slice(at + 1)])
      expect(KNOWN[wanted.slice(0, at)]).toMatch(/^has leave/)
    }
  })

  it('is not a script of ours', () => {
    const { scripts } = read('package.json') as { scripts: Record<string, string> }
    expect(['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => scripts[name] !== undefined)).toEqual([])
  })
})
