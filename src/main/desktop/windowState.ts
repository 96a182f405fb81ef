import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const Whole = z.number().int().min(-100_000).max(100_000)
const Bounds = z.object({ x: Whole, y: Whole, width: Whole.positive(), height: Whole.positive() })
export type Bounds = z.infer<typeof Bounds>

/** Where the window was, without its maximised size, so that it has somewhere to go back to. */
const WindowState = z.object({ bounds: Bounds, isMaximized: z.boolean() })
export type WindowState = z.infer<typeof WindowState>

export const SMALLEST_WINDOW = { width: 720, height: 480 }
const FIRST_WINDOW = { width: 1280, height: 820 }

/**
 * Bounds that can be seen and grabbed: a remembered window is moved and shrunk into the display that shows most of it; one whose display is
 * gone, and the very first one, opens in the middle of the primary display. Displays are given by their work areas, the primary one first.
 */
export function placeWindow(remembered: WindowState | null, workAreas: readonly [Bounds, ...Bounds[]]): WindowState {
  const home = remembered && displayOf(remembered.bounds, workAreas)
  if (!remembered || !home) return { bounds: inTheMiddleOf(workAreas[0]), isMaximized: remembered?.isMaximized ?? false }
  const width = Math.min(Math.max(remembered.bounds.width, SMALLEST_WINDOW.width), home.width)
  const height = Math.min(Math.max(remembered.bounds.height, SMALLEST_WINDOW.height), home.height)
  return {
    bounds: {
      x: Math.min(Math.max(remembered.bounds.x, home.x), home.x + home.width - width),
      y: Math.min(Math.max(remembered.bounds.y, home.y), home.y + home.height - height),
      width,
      height,
    },
    isMaximized: remembered.isMaximized,
  }
}

function displayOf(bounds: Bounds, workAreas: readonly Bounds[]): Bounds | null {
  const [best] = workAreas
    .map((area) => ({ area, shared: sharedArea(bounds, area) }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
  return best?.area ?? null
}

function sharedArea(a: Bounds, b: Bounds): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.max(0, width) * Math.max(0, height)
}

function inTheMiddleOf(area: Bounds): Bounds {
  const width = Math.min(FIRST_WINDOW.width, area.width)
  const height = Math.min(FIRST_WINDOW.height, area.height)
  return {
    x: area.x + Math.round((area.width - width) / 2),
    y: area.y + Math.round((area.height - height) / 2),
    width,
    height,
  }
}

/** A file that is missing or damaged is no reason to bother anybody: the window opens as it did the first time. */
export function readWindowState(file: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** Written at once and whole: this happens while the window closes, and the process may be gone the next moment. */
export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.new`
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 })
  renameSync(draft, file)
}
