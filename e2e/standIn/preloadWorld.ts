import { readFileSync } from 'node:fs'

/** What the page's end is told once, before any script of the page runs. */
export interface PreloadWorld {
  /** The binding through which the page's end speaks; it is taken off the window at once. */
  readonly binding: string
  /** The event by which messages reach the page's end. */
  readonly event: string
  readonly preload: string
  readonly ownOrigin: string
  readonly substituteOrigin: string
}

/** The script that stands in for Electron's renderer: it runs the built preload with the few modules that a sandboxed preload may require. */
export function preloadScript(world: PreloadWorld): string {
  const { preload, ...rest } = world
  return `(${inThePage.toString()})(${JSON.stringify(rest)}, (exports, require, module) => {\n${readFileSync(preload, 'utf8')}\n})`
}

/** A file as a test handed it over; pages name files only by these. */
export interface KnownFile {
  readonly name: string
  readonly size: number
  readonly path: string
}

type Listener = (event: object, ...args: unknown[]) => void
type Preload = (exports: object, require: (name: string) => object, module: object) => void

/** Runs in Chromium; nothing from outside its braces reaches it. */
function inThePage(world: Omit<PreloadWorld, 'preload'>, preload: Preload): void {
  const page = globalThis as unknown as Record<string, unknown>
  const speak = page[world.binding] as (message: object) => void
  delete page[world.binding]
  const isTopFrame = window.top === window
  const origin = self.origin === world.substituteOrigin ? world.ownOrigin : self.origin
  if (!isTopFrame) return

  // Comes before anything that this document says: the main process starts a new session for it.
  speak({ kind: 'document', url: location.href })

  const listeners = new Map<string, Set<Listener>>()
  let files: KnownFile[] = []
  window.addEventListener(world.event, (event) => {
    const { detail } = event as CustomEvent<{ channel: string; args: unknown[]; files?: KnownFile[] }>
    if (detail.files) files = detail.files
    for (const listener of [...(listeners.get(detail.channel) ?? [])]) listener({}, ...detail.args)
  })

  page.open = (url: unknown) => {
    speak({ kind: 'windowOpen', url: new URL(String(url ?? 'about:blank'), location.href).href })
    return null
  }

  /** The bridge hands over copies, and functions that do; what cannot be cloned may not cross. */
  function bridged(value: unknown): unknown {
    if (typeof value === 'function') return (...args: unknown[]) => bridged((value as (...args: unknown[]) => unknown)(...args.map(bridged)))
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Promise) return value.then(bridged)
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, part]) => [name, bridged(part)])))
    }
    if (Array.isArray(value)) return value.map(bridged)
    return structuredClone(value)
  }

  const ipcRenderer = {
    send: (channel: string, ...args: unknown[]) => {
      speak({ kind: 'message', channel, args: structuredClone(args), origin, isTopFrame })
    },
    on: (channel: string, listener: Listener) => {
      const known = listeners.get(channel) ?? new Set()
      listeners.set(channel, known.add(listener))
    },
    off: (channel: string, listener: Listener) => {
      listeners.get(channel)?.delete(listener)
    },
  }
  const contextBridge = {
    exposeInMainWorld: (name: string, api: unknown) =>
      Object.defineProperty(page, name, { value: bridged(api), enumerable: true, configurable: false, writable: false }),
  }
  const webUtils = {
    getPathForFile: (file: { name: string; size: number }) =>
      files.find((known) => known.name === file.name && known.size === file.size)?.path ?? '',
  }

  const electron = { contextBridge, ipcRenderer, webUtils }
  const covered = (name: string, target: object): object =>
    new Proxy(target, {
      get: (whole, member, receiver) => {
        if (typeof member === 'symbol' || member in whole) return Reflect.get(whole, member, receiver) as unknown
        throw new Error(`The stand-in for electron does not cover ${name}.${member} in a preload.`)
      },
    })
  const require = (name: string): object => {
    if (name !== 'electron') throw new Error(`A sandboxed preload cannot require "${name}".`)
    return covered('electron', Object.fromEntries(Object.entries(electron).map(([part, api]) => [part, covered(part, api)])))
  }
  const module = { exports: {} }
  preload(module.exports, require, module)
}
